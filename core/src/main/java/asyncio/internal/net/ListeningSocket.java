package asyncio.internal.net;

import asyncio.ErrorContext;
import asyncio.TimerHandle;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.TransportSocket;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of the sockets that a server listens on: accepts what has arrived, several connections at a
 * time, and hands it to the server, or to whoever stands for servers (spec SRV-15 to SRV-20).
 */
final class ListeningSocket implements Entrance, IoPoller.Listener, Runnable {
  private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

  static {
    // Without descriptors classes cannot be loaded from a class path: what pause() needs comes
    // early.
    for (Class<?> needed : new Class<?>[] {TimerHandle.class, IoErrors.class}) {
      Objects.requireNonNull(needed);
    }
  }

  private final Acceptor server;
  private final IoHost host;
  private final ServerSocketChannel channel;
  private final int backlog;
  private final @Nullable SocketAddress address;
  private final TransportSocket view;
  private IoPoller.@Nullable Registration registration;
  private IoHost.@Nullable IoCallback callback;
  private @Nullable TimerHandle retry;

  /** The report of SRV-18. */
  private final ErrorContext outOfResources;

  /**
   * @param channel bound, in non-blocking mode
   */
  ListeningSocket(Acceptor server, IoHost host, ServerSocketChannel channel, int backlog)
      throws IOException {
    this.server = server;
    this.host = host;
    this.channel = channel;
    this.backlog = Math.max(backlog, 1);
    this.address = channel.getLocalAddress();
    this.view = new SocketView(channel, address, null);
    this.outOfResources =
        new ErrorContext("socket.accept() out of system resource").with(ErrorContext.SOCKET, view);
  }

  @Override
  public TransportSocket view() {
    return view;
  }

  @Override
  public void start(Object context) throws IOException {
    callback = host.callback(context, this);
    registration = host.poller().register(channel, this);
    registration.setInterest(IoPoller.READ);
  }

  @Override
  public void ready(int operations) {
    if (callback != null) {
      callback.queue();
    }
  }

  /** Accepts what is there, but no more than the backlog: the turn of a socket that was ready. */
  @Override
  public void run() {
    for (int i = 0; i < backlog && registration != null && retry == null; i++) {
      SocketChannel accepted;
      try {
        accepted = channel.accept();
      } catch (ClosedChannelException e) {
        return; // by others; the next poll tells
      } catch (IOException e) {
        pause(e);
        return;
      }
      if (accepted == null) {
        return;
      }
      try {
        accepted.configureBlocking(false);
      } catch (IOException e) {
        IoErrors.closeQuietly(host, accepted);
        throw new java.io.UncheckedIOException(e);
      }
      server.accepted(accepted);
    }
  }

  /**
   * Accepts nothing for a while: descriptors or memory are short, and the socket stays ready. The
   * JDK does not tell that from other errors, which are none that a program could handle either.
   */
  private void pause(IOException e) {
    if (registration != null) {
      registration.setInterest(0);
    }
    retry = host.loop().callLater(RETRY_DELAY, this::goOn);
    host.loop().callExceptionHandler(outOfResources.with(ErrorContext.EXCEPTION, e));
  }

  private void goOn() {
    retry = null;
    if (registration != null) {
      registration.setInterest(IoPoller.READ);
    }
  }

  /** Closes the socket; its port is free after the next poll. */
  @Override
  public void close() {
    if (registration != null) {
      registration.release();
      registration = null;
    }
    if (callback != null) {
      callback.withdraw();
    }
    if (retry != null) {
      retry.cancel();
      retry = null;
    }
    IoErrors.closeQuietly(host, channel);
  }

  @Override
  public void giveBack(SocketChannel socket) {
    IoErrors.closeQuietly(host, socket);
  }

  @Override
  public void closedBehind() {
    registration = null;
    host.loop()
        .callExceptionHandler(
            new ErrorContext(
                    "a listening socket was closed behind its server's back; close the server instead")
                .with(ErrorContext.SOCKET, view));
  }

  @Override
  public void loopClosed() {
    registration = null;
    server.loopClosed();
  }

  @Override
  public String toString() {
    return view.toString();
  }
}
