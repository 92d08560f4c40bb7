package asyncio.conformance.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** The two ends of a pipe of some kind, in blocking mode. */
record PipeEnds(ReadableByteChannel source, WritableByteChannel sink) implements AutoCloseable {

  /** What has the ends of a pipe. */
  enum Kind {
    /** A pipe of the JDK's, which can be selected. */
    SELECTED,

    /** A socket used as a pipe. */
    SOCKET,

    /** Channels that can only block, so that threads move their bytes. */
    THREADED
  }

  static PipeEnds open(Kind kind) throws IOException {
    switch (kind) {
      case SELECTED -> {
        Pipe pipe = Pipe.open();
        return new PipeEnds(pipe.source(), pipe.sink());
      }
      case SOCKET -> {
        try (var server = ServerSocketChannel.open()) {
          server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
          SocketChannel reader = SocketChannel.open(server.getLocalAddress());
          return new PipeEnds(reader, server.accept());
        }
      }
      case THREADED -> {
        Pipe pipe = Pipe.open();
        return new PipeEnds(new PlainSource(pipe.source()), new PlainSink(pipe.sink()));
      }
    }
    throw new AssertionError(kind);
  }

  void put(String text) throws IOException {
    sink.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Reads what is there, at most {@code limit} bytes; waits for at least one; "" at the end. */
  String get(int limit) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(limit);
    source.read(buffer);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    source.close();
    sink.close();
  }

  private record PlainSource(ReadableByteChannel channel) implements ReadableByteChannel {
    @Override
    public int read(ByteBuffer target) throws IOException {
      return channel.read(target);
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private record PlainSink(WritableByteChannel channel) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) throws IOException {
      return channel.write(source);
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
