package asyncio.conformance.stream;

import asyncio.EventLoop;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Streams on sockets of the operating system. */
@LoopTest(realTime = true)
class SocketConnectionTest extends StreamConnectionContract {
  @TempDir Path folder;

  @Override
  Path unixPath() {
    return folder.resolve("s");
  }

  @Override
  SocketChannel openChannel(EventLoop loop) throws IOException {
    return SocketChannel.open();
  }

  @Override
  ServerSocketChannel openServerChannel(EventLoop loop) throws IOException {
    return ServerSocketChannel.open();
  }
}
