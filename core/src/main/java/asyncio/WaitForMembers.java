package asyncio;

import asyncio.internal.inspect.Waited.Need;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call of {@link Asyncio#wait}: watches futures without touching them. */
final class WaitForMembers<F extends Future<?>> implements Consumer<Future<?>> {
  private final TaskStepper stepper;
  private final Set<F> members;
  private final ReturnWhen returnWhen;
  private final Waiter waiter;
  private @Nullable TimerHandle timer;
  private int unfinished;

  private WaitForMembers(TaskStepper stepper, Set<F> members, WaitOptions options) {
    this.stepper = stepper;
    this.members = members;
    this.returnWhen = options.returnWhen();
    Need need =
        options.timeout() != null
            ? Need.ANYBODY
            : returnWhen == ReturnWhen.ALL_COMPLETED ? Need.ALL : Need.ANY;
    this.waiter = new Waiter(stepper.loop, "futures", need, members);
    this.unfinished = members.size();
  }

  static <F extends Future<?>> WaitResult<F> wait(
      Iterable<? extends F> futures, WaitOptions options) {
    Objects.requireNonNull(futures, "futures");
    Objects.requireNonNull(options, "options");
    TaskStepper stepper = TaskStepper.currentOrThrow("wait()");
    Set<F> members = new LinkedHashSet<>();
    for (F future : futures) {
      members.add(Objects.requireNonNull(future, "futures contains null"));
      if (future.loop != stepper.loop) {
        throw new IllegalArgumentException(
            "futures of a different loop cannot be waited for: "
                + future
                + " belongs to "
                + future.loop);
      }
    }
    if (members.isEmpty()) {
      throw new IllegalArgumentException(
          "the collection of futures is empty, so there is nothing to wait for");
    }
    WaitForMembers<F> call = new WaitForMembers<>(stepper, members, options);
    if (options.timeout() != null) {
      long deadline = stepper.loop.deadlineAfter(options.timeout());
      call.timer = stepper.loop.schedule(Waiting.alarm(call.waiter, deadline));
    }
    return call.run();
  }

  private WaitResult<F> run() {
    for (F member : members) {
      member.addDoneCallback(this);
      member.addAwaitedBy(stepper.task);
    }
    try {
      waiter.await(stepper);
    } finally {
      if (timer != null) {
        timer.cancel();
      }
      for (F member : members) {
        member.removeDoneCallback(this);
        member.discardAwaitedBy(stepper.task);
      }
    }
    Set<F> done = new LinkedHashSet<>();
    Set<F> pending = new LinkedHashSet<>();
    for (F member : members) {
      (member.isDone() ? done : pending).add(member);
    }
    return new WaitResult<>(
        Collections.unmodifiableSet(done), Collections.unmodifiableSet(pending));
  }

  /** A member is done. */
  @Override
  public void accept(Future<?> member) {
    unfinished--;
    boolean enough =
        switch (returnWhen) {
          case ALL_COMPLETED -> false;
          case FIRST_COMPLETED -> true;
          case FIRST_EXCEPTION -> member.peekException() != null;
        };
    if (enough || unfinished <= 0) {
      if (timer != null) {
        timer.cancel();
      }
      waiter.release();
    }
    member.discardAwaitedBy(stepper.task);
  }
}
