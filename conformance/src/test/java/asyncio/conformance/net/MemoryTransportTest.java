package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, in memory. */
@LoopTest
class MemoryTransportTest extends SocketSubject implements LifeContract {
  MemoryTransportTest() {
    super(Wire.MEMORY);
  }
}
