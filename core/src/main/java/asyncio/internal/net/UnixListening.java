package asyncio.internal.net;

import asyncio.Suspends;
import asyncio.internal.loop.IoHost;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes servers for UNIX domain sockets (spec UNIX-1 to UNIX-8). */
final class UnixListening {
  private final Network network;
  private final IoHost host;

  UnixListening(Network network) {
    this.network = network;
    this.host = network.host;
  }

  @Suspends
  Server serve(
      Supplier<? extends StreamProtocol> factory, @Nullable Path path, ServerOptions options)
      throws IOException {
    TlsSetup tls = TlsSetup.of(options);
    ServerSocketChannel channel = options.socket();
    if (path != null) {
      if (channel != null) {
        throw new IllegalArgumentException(
            "path and socket can not be specified at the same time: " + path + " and " + channel);
      }
      channel = listen(path, options.backlog());
    } else {
      if (channel == null) {
        throw new IllegalArgumentException(
            "path was not specified, and no socket specified; give one of them");
      }
      if (!(TcpListening.addressOf(channel) instanceof UnixDomainSocketAddress)) {
        throw new IllegalArgumentException(
            "socket: A UNIX Domain Stream Socket was expected, got " + channel);
      }
    }
    return network.serve(factory, List.of(channel), options, tls, cleanup(channel, options));
  }

  private ServerSocketChannel listen(Path path, int backlog) throws IOException {
    UnixSocketFile.check(path);
    boolean hasFiles = UnixSocketFile.hasFiles(host.provider());
    if (hasFiles) {
      UnixSocketFile.removeStale(host, path);
    }
    ServerSocketChannel channel =
        host.provider().openServerSocketChannel(StandardProtocolFamily.UNIX);
    try {
      return channel.bind(UnixDomainSocketAddress.of(path), Math.max(backlog, 1));
    } catch (BindException e) {
      IoErrors.closeQuietly(host, channel);
      if (hasFiles && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        IOException used =
            new BindException("Address " + path + " is already in use: a file is there, remove it");
        used.initCause(e);
        throw used;
      }
      throw IoErrors.explain("cannot bind a UNIX domain socket to " + path, e);
    } catch (IOException e) {
      IoErrors.closeQuietly(host, channel);
      throw IoErrors.explain("cannot bind a UNIX domain socket to " + path, e);
    } catch (Throwable t) {
      IoErrors.closeQuietly(host, channel);
      throw t;
    }
  }

  private @Nullable Runnable cleanup(ServerSocketChannel channel, ServerOptions options)
      throws IOException {
    return options.cleanupSocket()
            && UnixSocketFile.hasFiles(host.provider())
            && channel.getLocalAddress() instanceof UnixDomainSocketAddress address
        ? UnixSocketFile.removal(host, address.getPath())
        : null;
  }
}
