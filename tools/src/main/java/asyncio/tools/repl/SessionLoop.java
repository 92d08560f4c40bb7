package asyncio.tools.repl;

import asyncio.Asyncio;
import asyncio.Context;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The loop of a session: it runs on a thread of its own until the session ends, so background tasks
 * go on while the prompt waits for input.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class SessionLoop {
  /** How long a stopped snippet may take before the user is told where it is. */
  private static final long PATIENCE_SECONDS = 1;

  private static final int MAX_FRAMES = 10;

  private static final Logger LOG = Logger.getLogger("asyncio");

  private final CompletableFuture<EventLoop> loop = new CompletableFuture<>();
  private final Set<SnippetRun> running = ConcurrentHashMap.newKeySet();
  private final Thread thread;

  /** One for all snippets: what one puts into a context variable is there for the next. */
  private final Context context = new Context();

  /** Completing it ends the session. Belongs to the loop's thread. */
  private @Nullable Future<@Nullable Void> end;

  /** Loop thread only. */
  private int started;

  private SessionLoop() {
    thread = new Thread(this::runLoop, "asyncio-repl");
    thread.setDaemon(true);
  }

  /** Starts the loop and waits until it runs. */
  static SessionLoop start() {
    Level level = LOG.getLevel();
    LOG.setLevel(Level.WARNING); // no note on the engine: the user did not start a program
    try {
      SessionLoop session = new SessionLoop();
      session.thread.start();
      session.loop.join();
      return session;
    } finally {
      LOG.setLevel(level);
    }
  }

  private void runLoop() {
    try {
      Asyncio.run(() -> {
        EventLoop running = Asyncio.getRunningLoop();
        Future<@Nullable Void> ending = running.createFuture();
        end = ending;
        loop.complete(running);
        Asyncio.await(ending);
      });
    } catch (Throwable t) {
      loop.completeExceptionally(t);
      if (!running.isEmpty()) {
        t.printStackTrace();
      }
    } finally {
      running.forEach(SnippetRun::abandon);
    }
  }

  /** Starts a snippet; {@link SnippetRun#result} waits for it. */
  void start(SnippetRun run) throws LoopEndedException {
    StopChecks.forget();
    running.add(run);
    try {
      loop.join().callSoonThreadsafe(() -> startTask(run));
    } catch (IllegalStateException e) {
      throw new LoopEndedException("the loop has ended: " + e.getMessage());
    }
    if (!thread.isAlive()) {
      run.abandon(); // it may have ended just before
    }
  }

  private void startTask(SnippetRun run) {
    Task<?> task =
        loop.join()
            .createTask(
                () -> runToItsEnd(run),
                TaskOptions.named("prompt-" + ++started).withContext(context));
    run.startedAs(task);
    if (run.stopRequested()) {
      task.cancel();
    }
  }

  private void runToItsEnd(SnippetRun run) {
    try {
      run.run();
    } finally {
      running.remove(run);
    }
  }

  /**
   * Cancels a snippet. One that computes without ever waiting is stopped by its {@link StopChecks};
   * one that is inside other code is reported after a second.
   */
  void stop(SnippetRun run, PrintStream messages) {
    run.requestStop();
    StopChecks.stop(run.thread());
    CountDownLatch reached = new CountDownLatch(1);
    try {
      loop.join()
          .callSoonThreadsafe(() -> {
            Task<?> task = run.task();
            if (task != null) {
              task.cancel();
            }
            reached.countDown();
          });
    } catch (IllegalStateException e) {
      run.abandon();
      return;
    }
    Thread watch = new Thread(() -> watch(run, reached, messages), "asyncio-repl-stop");
    watch.setDaemon(true);
    watch.start();
  }

  private static void watch(SnippetRun run, CountDownLatch reached, PrintStream messages) {
    try {
      if (reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS) || run.isEnded()) {
        return;
      }
    } catch (InterruptedException e) {
      return;
    }
    Thread busy = run.thread();
    if (busy == null) {
      return; // the loop is held by another task
    }
    StringBuilder text =
        new StringBuilder(
            "|  The snippet holds the loop and cannot be cancelled there. It is in\n");
    Stream.of(busy.getStackTrace())
        .takeWhile(frame -> !frame.getMethodName().equals("do_it$")) // the snippet itself
        .limit(MAX_FRAMES)
        .forEach(frame -> text.append("|        at ").append(frame).append('\n'));
    messages.print(text);
    messages.flush();
    busy.interrupt(); // ends what blocks
  }

  /** Ends the session: cancels what still runs, and waits until it is done. */
  void close() {
    try {
      loop.join()
          .callSoonThreadsafe(() -> {
            if (end != null && !end.isDone()) {
              end.setResult(null);
            }
          });
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (IllegalStateException e) {
      // the loop is closed already
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
