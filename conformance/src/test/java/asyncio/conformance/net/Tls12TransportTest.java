package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, with TLS 1.2, in memory. */
@LoopTest
class Tls12TransportTest extends TlsSubject
    implements LifeContract, WriteContract, ReadContract, FlowContract {
  Tls12TransportTest() {
    super(Wire.MEMORY, "TLSv1.2");
  }
}
