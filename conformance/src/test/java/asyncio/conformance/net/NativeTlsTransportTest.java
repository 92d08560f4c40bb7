package asyncio.conformance.net;

import asyncio.testkit.LoopTest;

/** The contracts of stream connections, with TLS of another provider than the JDK's, in memory. */
@LoopTest
class NativeTlsTransportTest extends TlsSubject
    implements LifeContract, WriteContract, ReadContract, FlowContract {
  NativeTlsTransportTest() {
    super(Wire.MEMORY, NativeTls.serving(), NativeTls.connecting());
  }
}
