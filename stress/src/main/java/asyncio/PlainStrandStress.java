package asyncio;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * What other threads do to a thread that goes through a generator. A wake-up that is lost shows as
 * a test that does not end.
 */
class PlainStrandStress {
  private PlainStrandStress() {}

  @JCStressTest
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "heard of once, by body or caller")
  @Outcome(
      id = {"0", "2"},
      expect = Expect.ACCEPTABLE_INTERESTING,
      desc = "it came in the instant in which the JDK mounts the body, and clears or sets the flag")
  @Outcome(expect = Expect.FORBIDDEN, desc = "heard of again and again")
  @State
  public static class AnInterruptCountsOnce {
    private volatile @Nullable Thread caller;
    private volatile boolean sent;

    /** Touched by the body and the caller in turns. */
    private int heard;

    private final Generator<Integer, Void, Void> generator =
        Generator.of(y -> {
          for (int i = 0; i < 3; i++) {
            look();
            y.yield(i);
            look();
          }
          return null;
        });

    private void look() {
      if (Thread.interrupted()) {
        heard++;
      }
    }

    @Actor
    public void caller(I_Result result) {
      caller = Thread.currentThread();
      for (int _ : generator) {
        look();
      }
      while (!sent) {
        Thread.onSpinWait();
      }
      look(); // so that the interrupt does not stay with a thread of the harness
      result.r1 = heard;
    }

    @Actor
    public void other() {
      Thread target = caller;
      while (target == null) {
        Thread.onSpinWait();
        target = caller;
      }
      target.interrupt();
      sent = true;
    }
  }

  @JCStressTest
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the body goes on")
  @Outcome(expect = Expect.FORBIDDEN, desc = "it went on too early")
  @State
  public static class ABodyThatBlocksIsWokenUp {
    private volatile @Nullable Thread body;
    private volatile boolean open;

    private final Generator<Integer, Void, Void> generator =
        Generator.of(y -> {
          body = Thread.currentThread();
          while (!open) {
            LockSupport.park(this);
          }
          y.yield(1);
          return null;
        });

    @Actor
    public void caller(I_Result result) {
      for (int number : generator) {
        result.r1 = open ? number : -1;
      }
    }

    @Actor
    public void other() {
      Thread target = body;
      while (target == null) {
        Thread.onSpinWait();
        target = body;
      }
      open = true;
      LockSupport.unpark(target);
    }
  }
}
