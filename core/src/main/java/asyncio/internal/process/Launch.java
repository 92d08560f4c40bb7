package asyncio.internal.process;

import asyncio.CancelledError;
import asyncio.Future;
import asyncio.internal.loop.IoHost;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The start of one process: begun by a task, made on another thread, ended on the loop.
 *
 * <p><b>Cancellation:</b> a start that has not begun never does. One that has cannot be stopped:
 * its process is killed, and the task waits until it is gone (spec PROC-9); if it waits for the
 * other end of a named pipe, that is opened for it.
 */
final class Launch {
  /*
   *   WAITING ──launcher's thread──▶ BEGUN
   *      └──loop's thread──▶ DROPPED
   */
  private static final int WAITING = 0;
  private static final int BEGUN = 1;
  private static final int DROPPED = 2;

  private final IoHost host;
  private final Command command;
  private final AtomicInteger state = new AtomicInteger(WAITING);
  private final Future<Started> started;

  /** What a dropped start may still wait for. Opened and released in threads of the launcher. */
  private final NamedPipes namedPipes;

  /** Done when a process that nobody wants is gone, or was not started. Made if that comes up. */
  private @Nullable Future<@Nullable Void> gone;

  Launch(IoHost host, Command command) {
    this.host = host;
    this.command = command;
    this.namedPipes = NamedPipes.of(command);
    this.started = new ChildWait<>(host.loop(), "process start", command.words().getFirst());
  }

  /** Starts the process. Called once, by a task. */
  Started await() throws IOException {
    Launcher.execute(this::run);
    try {
      return started.await(IOException.class);
    } catch (CancelledError e) {
      if (!state.compareAndSet(WAITING, DROPPED)) {
        awaitGone();
      }
      throw e;
    }
  }

  /** Suspends. A second request to cancel ends it; the process is killed all the same. */
  private void awaitGone() {
    Future<@Nullable Void> end =
        new ChildWait<>(host.loop(), "process end", command.words().getFirst());
    gone = end;
    Launcher.execute(namedPipes::release);
    if (!started.isCancelled()) { // it came first, and the task was cancelled before its turn
      if (started.exception() != null) {
        return;
      }
      discard(started.result());
    }
    end.await();
  }

  /** On a thread of the launcher. */
  private void run() {
    if (!state.compareAndSet(WAITING, BEGUN)) {
      return;
    }
    if (namedPipes.areAny()) { // which may take long, and others are to be started
      Thread.ofPlatform().daemon().name("asyncio-process-fifo").start(this::start);
    } else {
      start();
    }
  }

  private void start() {
    try {
      Started made = Launcher.start(command);
      host.callFromAnywhere(() -> arrived(made), made::discard);
    } catch (Throwable t) {
      host.callFromAnywhere(() -> failed(t), () -> {});
    } finally {
      namedPipes.close();
    }
  }

  private void arrived(Started made) {
    if (!started.isDone()) {
      started.setResult(made);
    } else {
      discard(made);
    }
  }

  private void discard(Started made) {
    made.discard();
    made.process().onExit().whenComplete((_, _) -> host.callFromAnywhere(this::noteGone, () -> {}));
  }

  private void failed(Throwable t) {
    if (!started.isDone()) {
      started.setException(t);
    } else {
      noteGone();
    }
  }

  private void noteGone() {
    if (gone != null && !gone.isDone()) {
      gone.setResult(null);
    }
  }
}
