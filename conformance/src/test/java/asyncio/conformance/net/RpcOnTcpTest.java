package asyncio.conformance.net;

import asyncio.net.StreamProtocol;
import asyncio.testkit.LoopTest;

/** JSON-RPC on TCP. */
@LoopTest
class RpcOnTcpTest extends RpcContract {
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
}
