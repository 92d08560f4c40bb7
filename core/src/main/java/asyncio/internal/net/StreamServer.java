package asyncio.internal.net;

import asyncio.CancelledError;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.internal.loop.IoHost;
import asyncio.net.Server;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.net.TransportSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server for connections that are streams, over TCP or UNIX domain sockets (spec SRV). */
final class StreamServer implements Server, Acceptor, SocketTransport.Attachment {
  /*
   *   BOUND ──startServing()──▶ SERVING ──close()──▶ CLOSED
   *     └────────────close(), the loop is closed───────▲
   *
   * A connection: accepted in one iteration and put into `arrived`; its protocol and transport are made in the next one,
   * where the transport enters `clients`; connectionMade in the one after that. There is no task for it. A queued call of
   * welcome() that finds `arrived` empty comes after a close, which has dropped what was there.
   */
  private final Network network;
  private final IoHost host;
  private final Supplier<? extends StreamProtocol> factory;
  private final @Nullable TlsSetup tls;
  private final boolean keepAlive;
  private final @Nullable Runnable cleanup;
  private final List<Entrance> entrances;
  private final Runnable welcome = this::welcome;

  private final Deque<SocketChannel> arrived = new ArrayDeque<>();
  private final Set<SocketTransport> clients = new LinkedHashSet<>();
  private final List<Future<@Nullable Void>> waiters = new ArrayList<>();
  private boolean serving;
  private boolean closed;

  /** In what context connections are accepted: that of who started to serve. */
  private @Nullable Object context;

  /** What the task in {@link #serveForever} waits for. */
  private @Nullable Future<@Nullable Void> forever;

  /**
   * Takes over what {@code entrances} has.
   *
   * @param cleanup run when the server was closed
   * @throws IOException if a channel is closed; the caller closes the others
   */
  StreamServer(
      Network network,
      Supplier<? extends StreamProtocol> factory,
      Entrance.Maker entrances,
      boolean keepAlive,
      @Nullable TlsSetup tls,
      @Nullable Runnable cleanup)
      throws IOException {
    this.network = network;
    this.host = network.host;
    this.factory = Objects.requireNonNull(factory, "factory");
    this.tls = tls;
    this.keepAlive = keepAlive;
    this.cleanup = cleanup;
    this.entrances = List.copyOf(entrances.of(this));
    host.loop().resourceOpened(this);
  }

  // ---- information

  /** The loop, for whoever hands connections to this server. */
  IoHost host() {
    return host;
  }

  @Override
  public EventLoop getLoop() {
    return host.loop();
  }

  @Override
  public List<TransportSocket> sockets() {
    return closed ? List.of() : entrances.stream().map(Entrance::view).toList();
  }

  @Override
  public boolean isServing() {
    return serving;
  }

  // ---- serving

  @Override
  public void startServing() {
    checkOpen();
    host.checkThread("startServing");
    if (serving) {
      return;
    }
    serving = true;
    Object captured = host.captureContext();
    context = captured;
    for (Entrance entrance : entrances) {
      try {
        entrance.start(captured);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    host.logInDebugMode(Level.INFO, () -> this + " is serving");
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("server " + this + " is closed; make a new one");
    }
  }

  @Override
  @Suspends
  public void serveForever() {
    host.checkMayWait("serveForever");
    if (forever != null) {
      throw new IllegalStateException(
          "server " + this + " is already being awaited on serve_forever()");
    }
    startServing();
    Future<@Nullable Void> end =
        new NamedWait<>(host.loop(), WaitKind.STREAM_CLOSE, "end of", this);
    forever = end;
    try {
      end.await();
    } catch (CancelledError e) {
      close();
      try {
        waitClosed();
      } catch (CancelledError again) {
        e.addSuppressed(again); // the first one goes on
      }
      throw e;
    } finally {
      forever = null;
    }
  }

  // ---- connections

  @Override
  public void accepted(SocketChannel socket) {
    arrived.add(socket);
    host.logInDebugMode(Level.DEBUG, () -> this + " got a new connection: " + socket);
    host.callSoon(Objects.requireNonNull(context), welcome);
  }

  /** Makes protocol and transport for the connection that has waited longest. */
  private void welcome() {
    SocketChannel socket = arrived.poll();
    if (socket == null) {
      return;
    }
    try {
      if (keepAlive) {
        ListenOptions.setKeepAlive(socket);
      }
      StreamProtocol protocol = Objects.requireNonNull(factory.get(), "the factory's protocol");
      network.attachAccepted(socket, protocol, tls, this, this::reportInDebugMode);
    } catch (Throwable t) {
      IoErrors.closeQuietly(host, socket);
      if (host.isExit(t)) {
        throw Sneaky.rethrow(t);
      }
      reportInDebugMode(t);
    }
  }

  /** One connection has failed before its protocol was told (SRV-21). */
  private void reportInDebugMode(Throwable t) {
    if (host.loop().isDebug()) {
      host.loop()
          .callExceptionHandler(
              new ErrorContext("Error on transport creation for incoming connection")
                  .with(ErrorContext.EXCEPTION, t));
    }
  }

  @Override
  public void attach(SocketTransport transport) {
    clients.add(transport);
  }

  @Override
  public void detach(SocketTransport transport) {
    clients.remove(transport);
    wakeUpIfOver();
  }

  @Override
  public void closeClients() {
    List.copyOf(clients).forEach(each -> topmost(each).close());
  }

  @Override
  public void abortClients() {
    List.copyOf(clients).forEach(each -> topmost(each).abort());
  }

  /** The transport that the application knows: TLS may lie above the one of the socket. */
  private static Transport topmost(Transport transport) {
    Transport top = transport;
    while (top.getProtocol() instanceof TlsTransport.Below below) {
      top = below.above();
    }
    return top;
  }

  // ---- the end

  @Override
  public void close() {
    if (closed) {
      return;
    }
    host.checkThread("close");
    closed = true;
    serving = false;
    stopListening();
    host.poller().flush(); // the ports are free when this returns
    host.loop().resourceClosed(this);
    if (forever != null) {
      forever.cancel();
    }
    wakeUpIfOver();
  }

  private void stopListening() {
    entrances.forEach(Entrance::close);
    for (SocketChannel early = arrived.poll(); early != null; early = arrived.poll()) {
      entrances.getFirst().giveBack(early);
    }
    if (cleanup != null) {
      cleanup.run();
    }
  }

  /** Nobody can be served any more, or told. */
  @Override
  public void loopClosed() {
    if (!closed) {
      closed = true;
      serving = false;
      stopListening();
    }
  }

  private void wakeUpIfOver() {
    if (closed && clients.isEmpty()) {
      for (Future<@Nullable Void> waiter : waiters) {
        if (!waiter.isDone()) {
          waiter.setResult(null);
        }
      }
      waiters.clear();
    }
  }

  @Override
  @Suspends
  public void waitClosed() {
    host.checkMayWait("waitClosed");
    if (closed && clients.isEmpty()) {
      return;
    }
    Future<@Nullable Void> waiter =
        new NamedWait<>(host.loop(), WaitKind.STREAM_CLOSE, "end of", this);
    waiters.add(waiter);
    try {
      waiter.await();
    } finally {
      waiters.remove(waiter);
    }
  }

  @Override
  public String toString() {
    return "<Server sockets=" + sockets() + ">";
  }
}
