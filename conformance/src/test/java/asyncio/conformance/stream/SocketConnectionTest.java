package asyncio.conformance.stream;

import asyncio.EventLoop;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Streams on sockets of the operating system. */
@LoopTest(realTime = true)
class SocketConnectionTest extends StreamConnectionContract {
  @Override
  SocketChannel openChannel(EventLoop loop) throws IOException {
    return SocketChannel.open();
  }

  @Override
  ServerSocketChannel openServerChannel(EventLoop loop) throws IOException {
    return ServerSocketChannel.open();
  }
}
