package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, in memory. */
@LoopTest
class MemoryTransportTest extends SocketContract {
  MemoryTransportTest() {
    super(Wire.MEMORY);
  }
}
