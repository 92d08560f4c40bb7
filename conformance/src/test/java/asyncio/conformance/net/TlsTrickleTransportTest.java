package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, with TLS, a byte at a time. */
@LoopTest
class TlsTrickleTransportTest extends TlsSubject implements LifeContract {
  TlsTrickleTransportTest() {
    super(Wire.TRICKLE, null);
  }
}
