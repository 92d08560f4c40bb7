package asyncio.bench;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.LoopGroup;
import asyncio.net.BufferedProtocol;
import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** This library's servers, one for each style. */
final class AsyncioServer {
  private static final ServerOptions OPTIONS = ServerOptions.DEFAULT.withBacklog(4096);
  private static final int READ = 256 * 1024;

  private AsyncioServer() {}

  static void protocol(boolean lines) throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    serve(
        loop.createServer(lines ? LineProtocol::new : EchoProtocol::new, "127.0.0.1", 0, OPTIONS));
  }

  /** Echo without a copy: all connections read into one buffer, and write what is in it. */
  static void buffered() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
    serve(
        Asyncio.getRunningLoop()
            .createServer(() -> new BufferedEcho(buffer), "127.0.0.1", 0, OPTIONS));
  }

  static void streams(boolean lines) throws IOException {
    serve(
        Asyncio.startServer(
            lines ? AsyncioServer::answerLines : AsyncioServer::answer, "127.0.0.1", 0, OPTIONS));
  }

  /**
   * The protocol style on several loops that share a port; the kernel deals out the connections.
   */
  static void loops(int count, boolean work) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    CountDownLatch listening = new CountDownLatch(count);
    Thread.startVirtualThread(() -> {
      try {
        listening.await();
        EchoServer.announce(port);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    new LoopGroup(count)
        .run(_ -> {
          Server server =
              Asyncio.getRunningLoop()
                  .createServer(
                      work ? WorkProtocol::new : EchoProtocol::new,
                      "127.0.0.1",
                      port,
                      OPTIONS.withReusePort(true));
          listening.countDown();
          server.serveForever();
        });
  }

  private static void serve(Server server) {
    if (server.sockets().getFirst().getsockname() instanceof InetSocketAddress address) {
      EchoServer.announce(address.getPort());
    }
    server.serveForever();
  }

  private static class EchoProtocol implements Protocol {
    private @Nullable Transport transport;

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      Objects.requireNonNull(transport).write(data);
    }
  }

  private static final class WorkProtocol extends EchoProtocol {
    private final Work work = new Work();

    @Override
    public void dataReceived(ByteBuffer data) {
      work.on(data);
      super.dataReceived(data);
    }
  }

  /** Stops reading while more of its answers wait than the transport wants to keep. */
  private static final class BufferedEcho implements BufferedProtocol {
    private final ByteBuffer buffer;
    private @Nullable Transport transport;

    BufferedEcho(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public ByteBuffer getBuffer(int sizeHint) {
      return buffer.clear();
    }

    @Override
    public void bufferUpdated(int count) {
      Objects.requireNonNull(transport).write(buffer.flip());
    }

    @Override
    public void pauseWriting() {
      Objects.requireNonNull(transport).pauseReading();
    }

    @Override
    public void resumeWriting() {
      Objects.requireNonNull(transport).resumeReading();
    }
  }

  /** Answers each line with a write of its own. */
  private static final class LineProtocol implements Protocol {
    private @Nullable Transport transport;
    private byte[] rest = {};

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      byte[] bytes = Arrays.copyOf(rest, rest.length + data.remaining());
      data.get(bytes, rest.length, data.remaining());
      Transport open = Objects.requireNonNull(transport);
      int start = 0;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          open.write(ByteBuffer.wrap(bytes, start, i + 1 - start));
          start = i + 1;
        }
      }
      rest = Arrays.copyOfRange(bytes, start, bytes.length);
    }
  }

  private static void answer(StreamReader reader, StreamWriter writer) throws IOException {
    for (byte[] data = reader.read(READ); data.length > 0; data = reader.read(READ)) {
      writer.write(data);
      writer.drain();
    }
    writer.close();
  }

  private static void answerLines(StreamReader reader, StreamWriter writer) throws IOException {
    for (byte[] line = reader.readLine(); line.length > 0; line = reader.readLine()) {
      writer.write(line);
      writer.drain();
    }
    writer.close();
  }

  /** The low-level calls on channels. */
  static void sockets() throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
    listener.configureBlocking(false);
    EchoServer.announce(listener.socket().getLocalPort());
    for (; ; ) {
      SocketChannel channel = loop.sockAccept(listener).channel();
      Asyncio.createTask(() -> {
        ByteBuffer buffer = ByteBuffer.allocate(READ);
        while (loop.sockRecvInto(channel, buffer.clear()) > 0) {
          loop.sockSendall(channel, buffer.flip());
        }
        channel.close();
      });
    }
  }

  /** The JDK's own blocking sockets, in tasks. */
  static void blocking() throws IOException {
    ServerSocket listener = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
    EchoServer.announce(listener.getLocalPort());
    for (; ; ) {
      Socket socket = listener.accept();
      socket.setTcpNoDelay(true);
      Asyncio.createTask(() -> answer(socket));
    }
  }

  /** Answers on a socket of the JDK's; in whichever thread calls it. */
  static void answer(Socket socket) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    }
  }
}
