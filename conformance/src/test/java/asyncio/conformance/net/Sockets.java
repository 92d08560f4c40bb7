package asyncio.conformance.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Real sockets on the loopback, in non-blocking mode. */
final class Sockets {

  /** The two ends of a TCP connection. */
  record Pair(SocketChannel client, SocketChannel server) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  private Sockets() {}

  static ServerSocketChannel listen() throws IOException {
    var server = ServerSocketChannel.open().bind(anyPort());
    server.configureBlocking(false);
    return server;
  }

  static SocketChannel open() throws IOException {
    var channel = SocketChannel.open();
    channel.configureBlocking(false);
    return channel;
  }

  static Pair pair() throws IOException {
    try (var listener = ServerSocketChannel.open().bind(anyPort())) {
      var client = SocketChannel.open(listener.getLocalAddress());
      var server = listener.accept();
      client.configureBlocking(false);
      server.configureBlocking(false);
      return new Pair(client, server);
    }
  }

  static DatagramChannel datagrams() throws IOException {
    var channel = DatagramChannel.open().bind(anyPort());
    channel.configureBlocking(false);
    return channel;
  }

  static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** An address at which nobody listens. */
  static SocketAddress unusedTcpAddress() throws IOException {
    try (var listener = ServerSocketChannel.open().bind(anyPort())) {
      return listener.getLocalAddress();
    }
  }

  /** An address that no datagram channel has. */
  static SocketAddress unusedUdpAddress() throws IOException {
    try (var channel = DatagramChannel.open().bind(anyPort())) {
      return channel.getLocalAddress();
    }
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The text between position and limit. */
  static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  /** How many descriptors this process has open; 0 where the system does not show it. */
  static int openDescriptors() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    int count = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(folder)) {
      for (Path _ : descriptors) {
        count++;
      }
    }
    return count;
  }
}
