package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, on TCP. */
@LoopTest(realTime = true)
class TcpTransportTest extends SocketContract {
  TcpTransportTest() {
    super(Wire.TCP);
  }
}
