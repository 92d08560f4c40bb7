package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, a byte at a time. */
@LoopTest
class TrickleTransportTest extends SocketContract {
  TrickleTransportTest() {
    super(Wire.TRICKLE);
  }
}
