package asyncio.internal.net;

import asyncio.net.ServerOptions;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A port on which each server listens for itself, with {@code SO_REUSEPORT}.
 *
 * <p>The sockets that reserve the port are given to the first server: as the JDK binds no socket
 * without letting it listen, connections may wait there already.
 */
final class KernelPort extends SharedListening {
  /** Whoever takes them out owns them. */
  private final AtomicReference<@Nullable List<ServerSocketChannel>> first;

  KernelPort(Network network, List<ServerSocketChannel> channels, ServerOptions options)
      throws IOException {
    super(network, channels, options);
    this.first = new AtomicReference<>(channels);
  }

  @Override
  public Spread spread() {
    return Spread.KERNEL;
  }

  @Override
  Entrance.Maker entrances(Network servers) {
    return server -> {
      List<ServerSocketChannel> reserved = first.getAndSet(null);
      List<ServerSocketChannel> channels =
          reserved != null ? reserved : new TcpListening(servers).listen(bound(), options);
      return servers.takeOver(server, channels, options);
    };
  }

  @Override
  void closeSockets() {
    List<ServerSocketChannel> reserved = first.getAndSet(null);
    if (reserved != null) {
      reserved.forEach(each -> IoErrors.closeQuietly(host, each));
    }
  }
}
