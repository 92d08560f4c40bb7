package asyncio;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A loop as an executor, for frameworks that run on one (HER-120): jobs are callbacks of the loop,
 * in the order in which they were given; delays are those of the loop's clock.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class LoopExecutor extends AbstractExecutorService implements ScheduledExecutorService {
  private final AbstractEventLoop loop;

  /** Jobs that have been accepted and have not ended. */
  private final Set<Runnable> unfinished = ConcurrentHashMap.newKeySet();

  private final Object termination = new Object();
  private volatile boolean shutDown;

  LoopExecutor(AbstractEventLoop loop) {
    this.loop = loop;
  }

  // ---- jobs

  @Override
  public void execute(Runnable command) {
    Job job = new Job(Objects.requireNonNull(command, "command"));
    accept(job, job);
  }

  private void accept(Runnable job, Runnable entry) {
    unfinished.add(job);
    if (shutDown) {
      finished(job);
      throw new RejectedExecutionException("the executor of " + loop + " is shut down");
    }
    try {
      loop.callSoonThreadsafe(entry);
    } catch (IllegalStateException e) {
      finished(job);
      throw new RejectedExecutionException(e.getMessage(), e);
    }
  }

  private void finished(Runnable job) {
    unfinished.remove(job);
    tellIfTerminated();
  }

  private final class Job implements Runnable {
    private final Runnable command;

    /** Shared: whoever sets it either runs the job or drops it. */
    private final AtomicBoolean taken = new AtomicBoolean();

    Job(Runnable command) {
      this.command = command;
    }

    @Override
    public void run() {
      try {
        if (!taken.getAndSet(true)) {
          command.run();
        }
      } finally {
        finished(this);
      }
    }
  }

  // ---- jobs for later

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return later(
        () -> {
          command.run();
          return null;
        },
        delay,
        0,
        unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return later(callable, delay, 0, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    return periodic(command, initialDelay, positive(period), unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    return periodic(command, initialDelay, -positive(delay), unit);
  }

  private static long positive(long period) {
    if (period <= 0) {
      throw new IllegalArgumentException("period: must be positive, got " + period);
    }
    return period;
  }

  private ScheduledFuture<?> periodic(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    Objects.requireNonNull(command, "command");
    return later(
        () -> {
          command.run();
          return null;
        },
        initialDelay,
        period,
        unit);
  }

  private <V extends @Nullable Object> LaterJob<V> later(
      Callable<V> code, long delay, long period, TimeUnit unit) {
    Duration pause = Duration.ofNanos(unit.toNanos(delay));
    LaterJob<V> job =
        new LaterJob<>(code, Durations.deadline(loop.time(), pause), unit.toNanos(period));
    accept(job, job::startTimer);
    return job;
  }

  /** A job with a deadline. It runs on the loop's thread; any thread may cancel it and ask. */
  private final class LaterJob<V extends @Nullable Object> extends FutureTask<V>
      implements RunnableScheduledFuture<V> {

    /**
     * The time between two starts if positive, from an end to a start if negative, 0 for one run.
     */
    private final long periodNanos;

    private volatile long deadline;

    /** Loop thread only. */
    private @Nullable TimerHandle timer;

    LaterJob(Callable<V> code, long deadline, long periodNanos) {
      super(Objects.requireNonNull(code, "callable"));
      this.deadline = deadline;
      this.periodNanos = periodNanos;
    }

    private void startTimer() {
      if (!isDone()) {
        timer = loop.callAt(deadline, this);
      }
    }

    @Override
    public void run() {
      timer = null;
      if (!isPeriodic()) {
        super.run();
      } else if (runAndReset()) {
        deadline = periodNanos > 0 ? deadline + periodNanos : loop.time() - periodNanos;
        startTimer();
      }
    }

    /** Ends it: it has a result, has failed, or was cancelled. */
    @Override
    protected void done() {
      finished(this);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(false); // the thread is the loop's: not to be interrupted
      if (cancelled && !loop.isClosed()) {
        loop.enqueueFromAnywhere(new Handle(loop, null, this::stopTimer));
      }
      return cancelled;
    }

    private void stopTimer() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }

    @Override
    public boolean isPeriodic() {
      return periodNanos != 0;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(deadline - loop.time(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  // ---- the end

  /** Takes no more jobs; those that wait run still, but for periodic ones, which end. */
  @Override
  public void shutdown() {
    shutDown = true;
    for (Runnable job : unfinished) {
      if (job instanceof LaterJob<?> later && later.isPeriodic()) {
        later.cancel(false);
      }
    }
    tellIfTerminated();
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    List<Runnable> dropped = new ArrayList<>();
    for (Runnable job : List.copyOf(unfinished)) {
      if (job instanceof LaterJob<?> later) {
        if (later.cancel(false)) {
          dropped.add(later);
        }
      } else if (job instanceof Job waiting && !waiting.taken.getAndSet(true)) {
        unfinished.remove(job);
        dropped.add(waiting.command);
      }
    }
    tellIfTerminated();
    return dropped;
  }

  private void tellIfTerminated() {
    if (isTerminated()) {
      synchronized (termination) {
        termination.notifyAll();
      }
    }
  }

  @Override
  public boolean isShutdown() {
    return shutDown;
  }

  @Override
  public boolean isTerminated() {
    return shutDown && unfinished.isEmpty();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = System.nanoTime() + unit.toNanos(timeout);
    synchronized (termination) {
      while (!isTerminated()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        if (loop.isCurrent() && TaskStepper.currentOrNull() == null) {
          throw new IllegalStateException(
              "awaitTermination() in a callback of " + loop + " would wait for itself");
        }
        TimeUnit.NANOSECONDS.timedWait(termination, left);
      }
      return true;
    }
  }

  @Override
  public String toString() {
    return "<executor of " + loop + ">";
  }
}
