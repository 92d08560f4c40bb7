package asyncio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The race of a foreign cancel with the call. */
class ThreadsafeHandleStress {
  private ThreadsafeHandleStress() {}

  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "cancelled first; never called")
  @Outcome(
      id = "2, 2",
      expect = Expect.ACCEPTABLE,
      desc = "called first; cancel() waited for the end")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the call was going on after cancel() returned")
  @State
  public static class AfterCancelNothingRuns {
    /** 0 not called, 1 in the call, 2 the call has ended; plain on purpose. */
    private int calls;

    private final ThreadsafeHandle handle = new ThreadsafeHandle(SharedLoop.IDLE, null, this::call);

    private void call() {
      calls++;
      Thread.onSpinWait();
      calls++;
    }

    @Actor
    public void loop() {
      handle.run();
    }

    @Actor
    public void other(II_Result result) {
      handle.cancel();
      result.r1 = calls;
    }

    @Arbiter
    public void after(II_Result result) {
      result.r2 = calls;
    }
  }

  /** The same with a handle that does not know of other threads. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "2, 2"},
      expect = Expect.ACCEPTABLE,
      desc = "no race this time")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the overlap that must be found")
  @State
  public static class BrokenTwin {
    private int calls;

    private final Handle handle = new Handle(SharedLoop.IDLE, null, this::call);

    private void call() {
      calls++;
      Thread.onSpinWait();
      calls++;
    }

    @Actor
    public void loop() {
      handle.run();
    }

    @Actor
    public void other(II_Result result) {
      handle.cancel();
      result.r1 = calls;
    }

    @Arbiter
    public void after(II_Result result) {
      result.r2 = calls;
    }
  }
}
