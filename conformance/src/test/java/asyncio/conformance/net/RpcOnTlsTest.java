package asyncio.conformance.net;

import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.testkit.LoopTest;

/** JSON-RPC on TLS on TCP. */
@LoopTest
class RpcOnTlsTest extends RpcContract {
  @Override
  StreamProtocol serverStack(StreamProtocol rpc) {
    return rpc;
  }

  @Override
  StreamProtocol clientStack(StreamProtocol rpc) {
    return rpc;
  }

  @Override
  boolean isOrdered() {
    return false;
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
