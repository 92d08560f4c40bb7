package asyncio;

import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes threads that are tasks of a loop: started by anybody, with {@link Thread#start}, they run
 * on the loop's thread, among the other tasks.
 */
final class LoopThreads implements ThreadFactory {
  private final AbstractEventLoop loop;

  LoopThreads(AbstractEventLoop loop) {
    this.loop = loop;
  }

  @Override
  public Thread newThread(Runnable body) {
    return Task.startedByItsThread(loop, new ThreadBody(Objects.requireNonNull(body, "body")));
  }

  /** What such a task runs; a failure goes where those of threads go. */
  private record ThreadBody(Runnable body) implements Coroutine<@Nullable Void> {
    @Override
    public @Nullable Void await() {
      try {
        body.run();
      } catch (CancelledError e) {
        throw e;
      } catch (Throwable t) {
        if (Throwables.isExit(t)) {
          throw t;
        }
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
      }
      return null;
    }
  }

  /** Queued when such a thread was started: makes its task known, and runs the first step. */
  static final class Start extends Handle {
    private final TaskStepper stepper;

    Start(TaskStepper stepper) {
      super(stepper.loop, stepper.context, null);
      this.stepper = stepper;
    }

    @Override
    void run() {
      loop.tasks.add(stepper);
      loop.counters.tasksCreated++;
      if (loop.instrument != null) {
        loop.instrument.taskSpawned(stepper.task);
      }
      stepper.run();
    }

    /** The loop is closed: the thread runs elsewhere, so that whoever joins it goes on. */
    @Override
    void orphan() {
      asyncio.internal.vthread.Orphans.run(stepper::run);
    }

    @Override
    @Nullable Object code() {
      return stepper.code();
    }

    @Override
    Object subject() {
      return stepper.task;
    }
  }
}
