package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, with TLS, on TCP. */
@LoopTest(realTime = true)
class TlsTcpTransportTest extends TlsSubject
    implements LifeContract, WriteContract, ReadContract, FlowContract {
  TlsTcpTransportTest() {
    super(Wire.TCP, null);
  }
}
