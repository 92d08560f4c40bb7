package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, on UNIX domain sockets. */
@LoopTest(realTime = true)
class UnixTransportTest extends SocketContract {
  UnixTransportTest() {
    super(Wire.UNIX);
  }
}
