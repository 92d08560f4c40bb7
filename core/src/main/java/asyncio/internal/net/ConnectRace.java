package asyncio.internal.net;

import asyncio.Future;
import asyncio.Suspends;
import asyncio.TimerHandle;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.net.AddressInfo;
import java.io.IOException;
import java.net.BindException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connects to one of several addresses: starts an attempt at the first, and at the next one when
 * the attempt before has failed or, with a delay, has lasted that long; the first to connect wins
 * (RFC 8305, spec CONN-15, CONN-22 to CONN-28).
 *
 * <p><b>Cancellation:</b> closes every socket before it returns.
 */
final class ConnectRace {
  /*
   * Callbacks only, no tasks: an attempt is a channel that waits in the poller. Whoever ends the race closes all attempts
   * in the same callback, also those whose channel was found connected by the same poll. The descriptors of closed
   * channels are gone after the next poll, which comes before the waiting task goes on; a task that is cancelled may go on
   * without one, so it flushes.
   */
  /** Where to connect to, or to bind to. */
  record Target(ProtocolFamily family, SocketAddress address) {

    static Target of(AddressInfo info) {
      return new Target(info.family(), info.address());
    }
  }

  private final IoHost host;
  private final List<Target> remotes;
  private final @Nullable List<Target> locals;
  private final @Nullable Duration delay;
  private final Future<@Nullable Void> over;

  /** What went wrong, for each attempt that was started, in the order of the addresses. */
  private final List<List<IOException>> errorsOfAttempts = new ArrayList<>();

  private final List<Attempt> running = new ArrayList<>();
  private @Nullable TimerHandle timer;
  private @Nullable SocketChannel winner;

  /** What is no error of the operating system ends the race. */
  private @Nullable RuntimeException failure;

  /**
   * @param remotes not empty
   * @param locals the addresses to bind to; null not to bind
   * @param delay null for one attempt at a time
   */
  ConnectRace(
      IoHost host, List<Target> remotes, @Nullable List<Target> locals, @Nullable Duration delay) {
    this.host = host;
    this.remotes = remotes;
    this.locals = locals;
    this.delay = delay;
    this.over =
        new NamedWait<>(
            host.loop(),
            WaitKind.SOCKET_CONNECT,
            "connection to",
            remotes.getFirst().address()
                + (remotes.size() > 1 ? " or " + (remotes.size() - 1) + " more" : ""));
  }

  /**
   * Returns the connected channel, in non-blocking mode; null if every attempt has failed, see
   * {@link #errors}.
   */
  @Suspends
  @Nullable SocketChannel run() {
    try {
      startNext();
      if (!over.isDone()) {
        over.await();
      }
    } catch (Throwable t) {
      end();
      if (winner != null) {
        IoErrors.closeQuietly(host, winner);
      }
      host.poller().flush();
      throw t;
    }
    if (failure != null) {
      throw failure;
    }
    return winner;
  }

  /** All errors, in the order of the addresses. */
  List<IOException> errors() {
    return errorsOfAttempts.stream().flatMap(List::stream).toList();
  }

  // ---- the order of the attempts

  private void startNext() {
    cancelTimer();
    try {
      while (!over.isDone() && started() < remotes.size()) {
        Attempt attempt = new Attempt(started(), remotes.get(started()));
        errorsOfAttempts.add(attempt.errors);
        if (attempt.start()) {
          if (delay != null && !over.isDone() && started() < remotes.size()) {
            timer = host.loop().callLater(delay, this::startNext);
          }
          return;
        }
      }
    } catch (RuntimeException e) {
      failure = e;
      end();
    }
    endIfAllFailed();
  }

  private int started() {
    return errorsOfAttempts.size();
  }

  private void failed(Attempt attempt) {
    if (attempt.index == started() - 1) {
      startNext();
    } else {
      endIfAllFailed();
    }
  }

  private void endIfAllFailed() {
    if (running.isEmpty() && started() == remotes.size()) {
      end();
    }
  }

  /** Ends the race: closes all attempts that still run. */
  private void end() {
    cancelTimer();
    running.forEach(Attempt::close);
    running.clear();
    if (!over.isDone()) {
      over.setResult(null);
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  // ---- one attempt

  /** One socket on its way to one address. */
  private final class Attempt implements IoPoller.Listener, Runnable {
    private final int index;
    private final Target remote;
    private final List<IOException> errors = new ArrayList<>(1);
    private @Nullable SocketChannel channel;
    private IoPoller.@Nullable Registration registration;
    private IoHost.@Nullable IoCallback callback;

    Attempt(int index, Target remote) {
      this.index = index;
      this.remote = remote;
    }

    /** Starts to connect; false if that has failed at once. */
    boolean start() {
      try {
        SocketChannel opened = host.provider().openSocketChannel(remote.family());
        channel = opened;
        opened.configureBlocking(false);
        if (locals == null || bind(opened, locals)) {
          connect(opened);
          return true;
        }
      } catch (IOException e) {
        errors.add(IoErrors.explain(describe(), e));
      } catch (RuntimeException e) {
        try {
          errors.add(IoErrors.ofAddress(describe(), e));
        } catch (RuntimeException other) {
          close();
          throw other;
        }
      }
      close();
      return false;
    }

    private String describe() {
      return "Connect call failed " + IoErrors.format(remote.address());
    }

    /** Binds to the first address of the family that can be had (CONN-13, CONN-14). */
    private boolean bind(SocketChannel opened, List<Target> addresses) {
      boolean anyMatches = false;
      for (Target local : addresses) {
        if (local.family() == remote.family()) {
          anyMatches = true;
          try {
            opened.bind(local.address());
            return true;
          } catch (IOException e) {
            errors.add(
                IoErrors.explain(
                    "error while attempting to bind on address " + IoErrors.format(local.address()),
                    e));
          }
        }
      }
      if (!anyMatches) {
        errors.add(
            new BindException(
                "no matching local address with family " + remote.family() + " found"));
      }
      return false;
    }

    private void connect(SocketChannel opened) throws IOException {
      if (opened.connect(remote.address())) {
        won(opened);
      } else {
        callback = host.callback(host.captureContext(), this);
        registration = host.poller().register(opened, this);
        registration.setInterest(IoPoller.WRITE);
        running.add(this);
      }
    }

    @Override
    public void ready(int operations) {
      if (callback != null) {
        callback.queue();
      }
    }

    /** The connect has ended, well or badly. */
    @Override
    public void run() {
      SocketChannel connecting = channel;
      if (connecting == null) {
        return;
      }
      try {
        if (!connecting.finishConnect()) {
          return; // woken for nothing
        }
        running.remove(this);
        won(connecting);
      } catch (IOException e) {
        errors.add(IoErrors.explain(describe(), e));
        running.remove(this);
        close();
        failed(this);
      } catch (RuntimeException e) {
        failure = e;
        end();
      }
    }

    private void won(SocketChannel connected) {
      leavePoller();
      channel = null;
      winner = connected;
      end();
    }

    void close() {
      leavePoller();
      if (channel != null) {
        IoErrors.closeQuietly(host, channel);
        channel = null;
      }
    }

    private void leavePoller() {
      if (registration != null) {
        registration.release();
        registration = null;
      }
      if (callback != null) {
        callback.withdraw();
      }
    }

    @Override
    public void closedBehind() {
      registration = null;
      if (callback != null) {
        callback.queue(); // finishConnect() throws what happened
      }
    }

    @Override
    public void loopClosed() {
      registration = null;
      close();
    }
  }
}
