package asyncio;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The end of an executor that hands its jobs to a loop, while others give it some. */
class LoopExecutorStress {
  private LoopExecutorStress() {}

  /** A loop for all states that runs nothing, and leaves what it gets to the state that gave it. */
  private static final class Desk extends SelectorEventLoop {
    static final Desk SHARED = new Desk();

    private final ThreadLocal<@Nullable Runnable> left = new ThreadLocal<>();

    private Desk() {
      super(Engine.PORTABLE);
    }

    @Override
    public Handle callSoonThreadsafe(Runnable callback) {
      left.set(callback);
      return new Handle(this, null, callback);
    }

    /** What the calling thread has left here last. */
    @Nullable Runnable take() {
      Runnable taken = left.get();
      left.remove();
      return taken;
    }
  }

  @JCStressTest
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "run")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "dropped, and so returned")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both, or neither")
  @State
  public static class AJobIsRunOrDropped {
    private final LoopExecutor executor = new LoopExecutor(Desk.SHARED);
    private final Runnable job;
    private int ran;

    public AJobIsRunOrDropped() {
      executor.execute(() -> ran++);
      job = Desk.SHARED.take();
    }

    @Actor
    public void loop() {
      job.run();
    }

    @Actor
    public void other(II_Result result) {
      result.r2 = executor.shutdownNow().size();
    }

    @Arbiter
    public void after(II_Result result) {
      result.r1 = ran;
    }
  }

  /** The same with two looks where one step is needed. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "no race this time")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the job that must be found: run and dropped")
  @State
  public static class BrokenTwin {
    private volatile boolean begun;
    private volatile boolean dropped;
    private int ran;

    @Actor
    public void loop() {
      begun = true;
      if (!dropped) {
        ran++;
      }
    }

    @Actor
    public void other(II_Result result) {
      if (!begun) {
        dropped = true;
        result.r2 = 1;
      }
    }

    @Arbiter
    public void after(II_Result result) {
      result.r1 = ran;
    }
  }

  @JCStressTest
  @Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "refused, and so over")
  @Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "refused just then")
  @Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "run after the shutdown")
  @Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "run before the shutdown")
  @Outcome(expect = Expect.FORBIDDEN, desc = "not terminated in the end")
  @State
  public static class AfterShutdownAndTheLastJobItIsTerminated {
    private final LoopExecutor executor = new LoopExecutor(Desk.SHARED);
    private int ran;

    @Actor
    public void giver(III_Result result) {
      try {
        executor.execute(() -> ran++);
        Desk.SHARED.take().run();
      } catch (RejectedExecutionException e) {
        // it was too late
      }
      result.r1 = ran;
    }

    @Actor
    public void other(III_Result result) {
      executor.shutdown();
      result.r2 = executor.isTerminated() ? 1 : 0;
    }

    @Arbiter
    public void after(III_Result result) {
      result.r3 = executor.isTerminated() ? 1 : 0;
    }
  }
}
