package asyncio.internal.net;

import asyncio.Asyncio;
import asyncio.Suspends;
import asyncio.internal.net.ConnectRace.Target;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes connections over UNIX domain sockets (spec UNIX-1 to UNIX-4). */
final class UnixConnector {
  private static final Duration FIRST_RETRY = Duration.ofMillis(1);
  private static final Duration LAST_RETRY = Duration.ofMillis(512);

  private final Network network;

  UnixConnector(Network network) {
    this.network = network;
  }

  @Suspends
  <P extends StreamProtocol> Connection<P> connect(
      Supplier<? extends P> factory, @Nullable Path path, ConnectOptions options)
      throws IOException {
    TlsSetup tls = TlsSetup.of(options, null, -1);
    SocketChannel given = options.socket();
    if (path != null) {
      if (given != null) {
        throw new IllegalArgumentException(
            "path and socket can not be specified at the same time: " + path + " and " + given);
      }
      Connection<P> made = network.connected(factory, open(path), tls, true);
      network.host.logInDebugMode(
          Level.DEBUG,
          () -> made.transport() + " connected to " + path + ", for " + made.protocol());
      return made;
    }
    if (given == null) {
      throw new IllegalArgumentException("no path and socket were specified; give one of them");
    }
    Connector.checkConnected(given);
    if (!(given.getLocalAddress() instanceof UnixDomainSocketAddress)) {
      throw new IllegalArgumentException(
          "socket: A UNIX Domain Stream Socket was expected, got " + given);
    }
    return network.connected(factory, given, tls, false);
  }

  private SocketChannel open(Path path) throws IOException {
    UnixSocketFile.check(path);
    Target target = new Target(StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(path));
    for (Duration pause = FIRST_RETRY; ; pause = pause.multipliedBy(2)) {
      ConnectRace race = new ConnectRace(network.host, List.of(target), null, null);
      SocketChannel socket = race.run();
      if (socket != null) {
        return socket;
      }
      IOException error = race.errors().getFirst();
      if (!mayHaveFullQueue(path, error)) {
        throw error;
      }
      if (pause.compareTo(LAST_RETRY) > 0) {
        IOException refused =
            new ConnectException(
                path + ": the server does not accept connections, and its queue is full");
        refused.initCause(error);
        throw refused;
      }
      Asyncio.sleep(pause);
    }
  }

  /**
   * Whether the error says that more clients wait than the server's queue holds: the connect fails
   * at once then, and there is nothing to wait for. The JDK has the same exception for much else.
   *
   * @throws IOException if the path shows what is wrong
   */
  private boolean mayHaveFullQueue(Path path, IOException error) throws IOException {
    if (error instanceof ConnectException
        || !(error instanceof SocketException)
        || !UnixSocketFile.hasFiles(network.host.provider())) {
      return false;
    }
    if (!Files.exists(path)) {
      throw caused(new NoSuchFileException(path.toString(), null, "no socket is there"), error);
    }
    if (!Files.isWritable(path)) {
      throw caused(new AccessDeniedException(path.toString(), null, "not writable"), error);
    }
    return UnixSocketFile.isSocket(path);
  }

  private static IOException caused(IOException e, IOException cause) {
    e.initCause(cause);
    return e;
  }
}
