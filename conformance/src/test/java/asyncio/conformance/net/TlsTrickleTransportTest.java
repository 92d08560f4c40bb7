package asyncio.conformance.net;

import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import java.util.List;

/** The contracts of stream connections, with TLS on a connection that moves few bytes at a time. */
@LoopTest
class TlsTrickleTransportTest extends TlsSubject
    implements LifeContract, WriteContract, ReadContract, FlowContract {
  TlsTrickleTransportTest() {
    super(Wire.MEMORY, null);
  }

  @Override
  protected List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception {
    Wire.network(loop()).everywhere().setMaxBytes(997);
    return super.open(near, far);
  }
}
