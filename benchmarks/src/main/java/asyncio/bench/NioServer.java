package asyncio.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/** The limit on the JVM: an echo server on a bare selector, without any layer. */
final class NioServer {
  private static final int BUFFER = 256 * 1024;

  private final boolean lines;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
  private final byte[] bytes = new byte[BUFFER];

  /** What waits on one connection: to be sent (echo), or for the end of its line (lines). */
  private static final class Rest {
    byte[] bytes = {};
  }

  private NioServer(boolean lines) {
    this.lines = lines;
  }

  static void run(boolean lines) throws IOException {
    new NioServer(lines).serve();
  }

  private void serve() throws IOException {
    Selector selector = Selector.open();
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    EchoServer.announce(listener.socket().getLocalPort());
    for (; ; ) {
      selector.select(key -> {
        try {
          turn(selector, key);
        } catch (IOException e) {
          key.cancel();
        }
      });
    }
  }

  private void turn(Selector selector, SelectionKey key) throws IOException {
    if (key.isAcceptable()) {
      ServerSocketChannel listener = (ServerSocketChannel) key.channel();
      for (SocketChannel made = listener.accept(); made != null; made = listener.accept()) {
        made.configureBlocking(false);
        made.setOption(StandardSocketOptions.TCP_NODELAY, true);
        made.register(selector, SelectionKey.OP_READ, lines ? new Rest() : null);
      }
    } else if (key.isWritable()) {
      sendRest(key);
    } else {
      SocketChannel channel = (SocketChannel) key.channel();
      in.clear();
      if (channel.read(in) < 0) {
        channel.close();
        return;
      }
      in.flip();
      if (lines) {
        answerLines(channel, (Rest) key.attachment());
      } else {
        answer(key, channel, in);
      }
    }
  }

  private static void answer(SelectionKey key, SocketChannel channel, ByteBuffer data)
      throws IOException {
    channel.write(data);
    if (data.hasRemaining()) {
      Rest rest = new Rest();
      rest.bytes = new byte[data.remaining()];
      data.get(rest.bytes);
      key.attach(rest);
      key.interestOps(SelectionKey.OP_WRITE);
    }
  }

  private static void sendRest(SelectionKey key) throws IOException {
    Rest rest = (Rest) key.attachment();
    ByteBuffer data = ByteBuffer.wrap(rest.bytes);
    ((SocketChannel) key.channel()).write(data);
    if (data.hasRemaining()) {
      rest.bytes = Arrays.copyOfRange(rest.bytes, data.position(), rest.bytes.length);
    } else {
      key.attach(null);
      key.interestOps(SelectionKey.OP_READ);
    }
  }

  private void answerLines(SocketChannel channel, Rest rest) throws IOException {
    int size = rest.bytes.length;
    System.arraycopy(rest.bytes, 0, bytes, 0, size);
    int count = in.remaining();
    in.get(bytes, size, count);
    size += count;
    out.clear();
    int start = 0;
    for (int i = 0; i < size; i++) {
      if (bytes[i] == '\n') {
        out.put(bytes, start, i + 1 - start);
        start = i + 1;
      }
    }
    rest.bytes = Arrays.copyOfRange(bytes, start, size);
    out.flip();
    while (out.hasRemaining()) { // short answers: the kernel takes them
      channel.write(out);
    }
  }
}
