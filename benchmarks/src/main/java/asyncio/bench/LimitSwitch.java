package asyncio.bench;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/**
 * The limit for a task switch: bare virtual threads on a bare scheduler, a queue of continuations
 * that one platform thread runs. Needs {@code --add-opens java.base/java.lang=ALL-UNNAMED}.
 */
final class LimitSwitch implements Executor {
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
  private final ArrayDeque<Thread> parked = new ArrayDeque<>();
  private int unfinished;

  @Override
  public void execute(Runnable continuation) {
    continuations.add(continuation);
  }

  /** Nanoseconds a switch, with so many threads that take turns so many times each. */
  static double measure(int threads, int switches) throws Exception {
    double[] nanos = new double[1];
    Thread thread =
        Thread.ofPlatform().start(() -> nanos[0] = new LimitSwitch().run(threads, switches));
    thread.join();
    return nanos[0];
  }

  private double run(int threads, int switches) {
    unfinished = threads;
    long start = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      newThread(
              () -> {
                Thread self = Thread.currentThread();
                for (int j = 0; j < switches; j++) {
                  parked.add(self);
                  LockSupport.park();
                }
                unfinished--;
              })
          .start();
    }
    while (unfinished > 0) {
      Runnable continuation = continuations.poll();
      if (continuation != null) {
        continuation.run();
      } else {
        LockSupport.unpark(parked.remove());
      }
    }
    return (System.nanoTime() - start) / ((double) threads * switches);
  }

  private Thread newThread(Runnable body) {
    try {
      return (Thread) NEW_VIRTUAL_THREAD.invokeExact((Executor) this, (String) null, 0, body);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }
}
