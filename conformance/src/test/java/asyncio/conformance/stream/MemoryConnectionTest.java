package asyncio.conformance.stream;

import asyncio.EventLoop;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Streams on the network in memory, in virtual time. */
@LoopTest
class MemoryConnectionTest extends StreamConnectionContract {
  @Override
  Path unixPath() {
    return Path.of("/streams.sock");
  }

  @Override
  SocketChannel openChannel(EventLoop loop) throws IOException {
    return ((VirtualTimeLoop) loop).network().openSocketChannel();
  }

  @Override
  ServerSocketChannel openServerChannel(EventLoop loop) throws IOException {
    return ((VirtualTimeLoop) loop).network().openServerSocketChannel();
  }
}
