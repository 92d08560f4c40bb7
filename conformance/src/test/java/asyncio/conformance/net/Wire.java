package asyncio.conformance.net;

import asyncio.EventLoop;
import asyncio.testkit.MemoryNetwork;
import asyncio.testkit.VirtualTimeLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a connection is made of: gives pairs of connected channels. */
enum Wire {
  /** TCP on this machine, with small buffers. */
  TCP {
    @Override
    Channels open(EventLoop loop) throws IOException {
      try (ServerSocketChannel server = ServerSocketChannel.open()) {
        server.setOption(StandardSocketOptions.SO_RCVBUF, SMALL);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketChannel near = SocketChannel.open();
        near.setOption(StandardSocketOptions.SO_SNDBUF, SMALL);
        near.setOption(StandardSocketOptions.SO_RCVBUF, SMALL);
        near.configureBlocking(false);
        near.connect(server.getLocalAddress());
        while (!near.finishConnect()) {
          Thread.onSpinWait(); // the kernel does it at once
        }
        SocketChannel far = accept(server);
        far.setOption(StandardSocketOptions.SO_SNDBUF, SMALL);
        return new Channels(near, far);
      }
    }
  },

  /** A UNIX domain socket. */
  UNIX {
    @Override
    Channels open(EventLoop loop) throws IOException {
      Path folder = Files.createTempDirectory("wire");
      var address = UnixDomainSocketAddress.of(folder.resolve("s"));
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(address);
        return new Channels(SocketChannel.open(address), accept(server));
      } finally {
        Files.delete(address.getPath());
        Files.delete(folder);
      }
    }
  },

  /** A connection in memory, in virtual time. */
  MEMORY {
    @Override
    Channels open(EventLoop loop) throws IOException {
      MemoryNetwork.Pair pair = network(loop).pair();
      return new Channels(pair.first(), pair.second());
    }
  },

  /** A connection in memory that moves a byte at a time. */
  TRICKLE {
    @Override
    Channels open(EventLoop loop) throws IOException {
      network(loop).setBufferSizes(500, 500);
      network(loop).everywhere().setMaxBytes(1);
      return MEMORY.open(loop);
    }
  };

  private static final int SMALL = 32 * 1024;

  /** The two ends, in non-blocking mode or not. */
  record Channels(SocketChannel near, SocketChannel far) {}

  /** Opens a connection; a wire in memory is in the network of {@code loop}. */
  abstract Channels open(EventLoop loop) throws IOException;

  static MemoryNetwork network(EventLoop loop) {
    return ((VirtualTimeLoop) loop).network();
  }

  private static SocketChannel accept(ServerSocketChannel server) throws IOException {
    return server.accept(); // in blocking mode: it is there
  }

  boolean isInMemory() {
    return this == MEMORY || this == TRICKLE;
  }
}
