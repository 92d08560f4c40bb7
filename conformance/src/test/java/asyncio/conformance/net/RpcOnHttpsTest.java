package asyncio.conformance.net;

import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.testkit.LoopTest;
import rpc.HttpClientLayer;
import rpc.HttpServerLayer;

/** JSON-RPC on HTTP on TLS on TCP. */
@LoopTest
class RpcOnHttpsTest extends RpcContract {
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

  @Override
  ServerOptions serverOptions() {
    return Tls.serving();
  }

  @Override
  ConnectOptions clientOptions() {
    return Tls.connecting();
  }
}
