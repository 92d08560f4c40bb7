package asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The default executor of a loop: a bounded pool of daemon threads, {@code asyncio-1} and so on;
 * also, under another name, the threads for look-ups.
 *
 * <p>A thread is started only if none is idle, and the thread that became idle last is used first:
 * its caches are warm. {@link #execute} takes no lock: a task that met one would be switched inside
 * a call that does not suspend.
 *
 * <p><b>Threading:</b> thread-safe, but {@link #execute} must not race with {@link #shutdown}; the
 * loop sees to that.
 */
final class DefaultPool extends AbstractExecutorService {
  /*
   * Idle threads do not spin: on a busy machine that made a round trip ten times slower.
   *
   * Work goes to an idle thread directly, through its seat on the stack `idle`; to a new thread; or else to `backlog`. A
   * thread that finds no backlog takes a seat, and looks once more: whoever adds to the backlog looks for a seat afterwards,
   * so one of the two sees the other.
   *
   * A seat is used once: `given` is set once, to work or to LOOK_AGAIN, by others or by its own thread, which withdraws so.
   * Withdrawn seats leave the stack when somebody pops them.
   */
  private static final int DEFAULT_SIZE =
      Math.min(32, Runtime.getRuntime().availableProcessors() + 4);

  private static final Runnable LOOK_AGAIN = () -> {};

  private static final VarHandle GIVEN;

  static {
    try {
      GIVEN = MethodHandles.lookup().findVarHandle(Seat.class, "given", Runnable.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final class Seat {
    final Thread thread = Thread.currentThread();
    @Nullable Seat below;
    volatile @Nullable Runnable given;

    boolean give(Runnable work) {
      return GIVEN.compareAndSet(this, null, work);
    }
  }

  private final String threadNamePrefix;
  private final int size;
  private final AtomicReference<@Nullable Seat> idle = new AtomicReference<>();
  private final ConcurrentLinkedQueue<Runnable> backlog = new ConcurrentLinkedQueue<>();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger started = new AtomicInteger();
  private volatile boolean shutDown;

  DefaultPool() {
    this("asyncio-", DEFAULT_SIZE);
  }

  /**
   * @param size how many threads there are at most
   */
  DefaultPool(String threadNamePrefix, int size) {
    this.threadNamePrefix = threadNamePrefix;
    this.size = size;
  }

  @Override
  public void execute(Runnable work) {
    if (shutDown) {
      throw new RejectedExecutionException("the default executor is shut down");
    }
    if (giveToIdle(work)) {
      return;
    }
    int count = started.get();
    while (count < size) {
      if (started.compareAndSet(count, count + 1)) {
        start(count + 1, work);
        return;
      }
      count = started.get();
    }
    backlog.add(work);
    giveToIdle(LOOK_AGAIN);
  }

  private boolean giveToIdle(Runnable work) {
    for (Seat seat = popIdle(); seat != null; seat = popIdle()) {
      if (seat.give(work)) {
        LockSupport.unpark(seat.thread);
        return true;
      }
    }
    return false;
  }

  private @Nullable Seat popIdle() {
    for (; ; ) {
      Seat top = idle.get();
      if (top == null || idle.compareAndSet(top, top.below)) {
        return top;
      }
    }
  }

  // ---- the threads

  private void start(int number, Runnable first) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(threadNamePrefix + number)
            .inheritInheritableThreadLocals(false)
            .unstarted(() -> serve(first));
    threads.add(thread);
    thread.start();
  }

  private void serve(Runnable first) {
    for (Runnable work = first; work != null; work = next()) {
      try {
        work.run();
      } catch (Throwable t) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
      }
    }
  }

  /** The next piece of work; null when the pool is shut down and there is none. */
  private @Nullable Runnable next() {
    for (; ; ) {
      Runnable work = backlog.poll();
      if (work != null) {
        return work;
      }
      Seat seat = new Seat();
      do {
        seat.below = idle.get();
      } while (!idle.compareAndSet(seat.below, seat));
      if ((!backlog.isEmpty() || shutDown) && seat.give(LOOK_AGAIN)) {
        if (backlog.isEmpty() && shutDown) {
          return null;
        }
        continue;
      }
      work = awaitWork(seat);
      if (work != LOOK_AGAIN) {
        return work;
      }
    }
  }

  private static Runnable awaitWork(Seat seat) {
    Runnable work = seat.given;
    while (work == null) {
      Thread.interrupted(); // left over from an earlier call; set, it would turn this into a spin
      LockSupport.park(seat);
      work = seat.given;
    }
    return work;
  }

  // ---- the end

  @Override
  public void shutdown() {
    shutDown = true;
    while (giveToIdle(LOOK_AGAIN)) {
      // the next one
    }
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    List<Runnable> dropped = new ArrayList<>();
    for (Runnable work = backlog.poll(); work != null; work = backlog.poll()) {
      dropped.add(work);
    }
    threads.forEach(Thread::interrupt);
    return dropped;
  }

  @Override
  public boolean isShutdown() {
    return shutDown;
  }

  @Override
  public boolean isTerminated() {
    return shutDown && threads.stream().noneMatch(Thread::isAlive);
  }

  /** Waits until the threads have ended, not only their calls. */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    for (Thread thread : threads) {
      if (timeout == Long.MAX_VALUE) {
        thread.join();
      } else if (!thread.join(java.time.Duration.ofNanos(deadline - System.nanoTime()))) {
        return false;
      }
    }
    return isTerminated();
  }
}
