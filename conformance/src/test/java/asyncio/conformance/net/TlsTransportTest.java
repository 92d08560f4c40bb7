package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, with TLS 1.3, in memory. */
@LoopTest
class TlsTransportTest extends TlsSubject
    implements LifeContract, WriteContract, ReadContract, FlowContract {
  TlsTransportTest() {
    super(Wire.MEMORY, null);
  }
}
