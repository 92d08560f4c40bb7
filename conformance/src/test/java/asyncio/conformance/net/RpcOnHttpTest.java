package asyncio.conformance.net;

import asyncio.net.StreamProtocol;
import asyncio.testkit.LoopTest;
import rpc.HttpClientLayer;
import rpc.HttpServerLayer;

/** JSON-RPC on HTTP on TCP. */
@LoopTest
class RpcOnHttpTest extends RpcContract {
  @Override
  StreamProtocol serverStack(StreamProtocol rpc) {
    return new HttpServerLayer(rpc);
  }

  @Override
  StreamProtocol clientStack(StreamProtocol rpc) {
    return new HttpClientLayer(rpc, "192.0.2.1", "/rpc");
  }

  @Override
  boolean isOrdered() {
    return true;
  }
}
