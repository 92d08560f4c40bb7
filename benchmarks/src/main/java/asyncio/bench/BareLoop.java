package asyncio.bench;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/**
 * The least that runs virtual threads on one platform thread: a queue of continuations and one of
 * threads to be woken. No cancellation, no errors, no timers, no I/O; what it costs is the limit
 * for a loop with all of that.
 *
 * <p>Needs {@code --add-opens java.base/java.lang=ALL-UNNAMED}.
 */
final class BareLoop implements Executor {
  private static final MethodHandle NEW_VIRTUAL_THREAD;

  static {
    try {
      Class<?> builders = Class.forName("java.lang.ThreadBuilders");
      NEW_VIRTUAL_THREAD =
          MethodHandles.privateLookupIn(builders, MethodHandles.lookup())
              .findStatic(
                  builders,
                  "newVirtualThread",
                  MethodType.methodType(
                      Thread.class, Executor.class, String.class, int.class, Runnable.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final ArrayDeque<Runnable> continuations = new ArrayDeque<>();
  private final ArrayDeque<Thread> woken = new ArrayDeque<>();
  private int unfinished;

  /** One run of a benchmark; returns its value. */
  @FunctionalInterface
  interface Body {
    double measure(BareLoop loop);
  }

  /** Runs {@code body} in the first thread of a fresh loop on a fresh platform thread. */
  static double measure(Body body) throws InterruptedException {
    double[] value = new double[1];
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              BareLoop loop = new BareLoop();
              loop.spawn(() -> value[0] = body.measure(loop));
              loop.run();
            });
    thread.join();
    return value[0];
  }

  @Override
  public void execute(Runnable continuation) {
    continuations.add(continuation);
  }

  /** Starts a thread; its first step runs when its turn comes. */
  Thread spawn(Runnable body) {
    unfinished++;
    Thread thread =
        newThread(() -> {
          body.run();
          unfinished--;
        });
    thread.start();
    return thread;
  }

  /** Lets all others have a turn. */
  void yieldNow() {
    woken.add(Thread.currentThread());
    LockSupport.park();
  }

  /** Lets a parked thread go on when its turn comes. */
  void wake(Thread thread) {
    woken.add(thread);
  }

  private void run() {
    while (unfinished > 0) {
      Runnable continuation = continuations.poll();
      if (continuation != null) {
        continuation.run();
      } else {
        LockSupport.unpark(woken.remove());
      }
    }
  }

  private Thread newThread(Runnable body) {
    try {
      return (Thread) NEW_VIRTUAL_THREAD.invokeExact((Executor) this, (String) null, 0, body);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
