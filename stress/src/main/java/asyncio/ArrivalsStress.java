package asyncio;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** The way from other threads into a loop. */
class ArrivalsStress {
  private ArrivalsStress() {}

  private static Handle handle(int number) {
    return new Numbered(number);
  }

  /**
   * Takes everything, and writes the numbers of the handles as decimal digits, first come first.
   */
  private static int take(Arrivals arrivals) {
    var ready = new ReadyQueue();
    arrivals.takeAll(ready);
    int digits = 0;
    while (!ready.isEmpty()) {
      digits = digits * 10 + ((Numbered) ready.remove()).number;
    }
    return digits;
  }

  /**
   * A handle whose number is written like any plain field: seen only if the hand-off publishes it.
   */
  private static final class Numbered extends Handle {
    int number;

    Numbered(int number) {
      super(SharedLoop.IDLE, null, null);
      this.number = number;
    }
  }

  @JCStressTest
  @Outcome(id = "true, false, 12", expect = Expect.ACCEPTABLE, desc = "the first came first")
  @Outcome(id = "false, true, 21", expect = Expect.ACCEPTABLE, desc = "the second came first")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "one is lost, or not exactly one of them wakes the loop")
  @State
  public static class TwoThreadsAdd {
    private final Arrivals arrivals = new Arrivals();

    @Actor
    public void first(ZZI_Result result) {
      result.r1 = arrivals.add(handle(1));
    }

    @Actor
    public void second(ZZI_Result result) {
      result.r2 = arrivals.add(handle(2));
    }

    @Arbiter
    public void loop(ZZI_Result result) {
      result.r3 = take(arrivals);
    }
  }

  @JCStressTest
  @Outcome(id = "false, 12", expect = Expect.ACCEPTABLE, desc = "taken together")
  @Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "came after; the loop is woken again")
  @Outcome(expect = Expect.FORBIDDEN, desc = "left behind without a wake-up, or out of order")
  @State
  public static class TheLoopTakesWhileOneIsAdded {
    private final Arrivals arrivals = new Arrivals();

    public TheLoopTakesWhileOneIsAdded() {
      arrivals.add(handle(1));
    }

    @Actor
    public void other(ZI_Result result) {
      result.r1 = arrivals.add(handle(2));
    }

    @Actor
    public void loop(ZI_Result result) {
      result.r2 = take(arrivals);
    }
  }

  @JCStressTest
  @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "in order, none lost, none twice")
  @Outcome(expect = Expect.FORBIDDEN, desc = "lost, twice, or out of order")
  @State
  public static class OrderIsKeptOverSeveralTakes {
    private final Arrivals arrivals = new Arrivals();
    private int taken;

    @Actor
    public void other() {
      for (int number = 1; number <= 4; number++) {
        arrivals.add(handle(number));
      }
    }

    @Actor
    public void loop() {
      takeOnce();
      takeOnce();
    }

    @Arbiter
    public void rest(I_Result result) {
      takeOnce();
      result.r1 = taken - 1234;
    }

    private void takeOnce() {
      int digits = take(arrivals);
      for (int rest = digits; rest > 0; rest /= 10) {
        taken *= 10;
      }
      taken += digits;
    }
  }

  /** Proof that such a test notices something: the same queue without the compare-and-set. */
  @JCStressTest
  @Outcome(
      id = {"true, false, 12", "false, true, 21"},
      expect = Expect.ACCEPTABLE,
      desc = "no race this time")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the loss that must be found")
  @State
  public static class BrokenTwin {
    private volatile @Nullable Numbered top;

    private boolean add(Numbered handle) {
      Numbered first = top;
      handle.next = first;
      top = handle;
      return first == null;
    }

    @Actor
    public void first(ZZI_Result result) {
      result.r1 = add(new Numbered(1));
    }

    @Actor
    public void second(ZZI_Result result) {
      result.r2 = add(new Numbered(2));
    }

    @Arbiter
    public void loop(ZZI_Result result) {
      Numbered newest = top;
      Numbered oldest = (Numbered) newest.next;
      result.r3 = oldest == null ? newest.number : oldest.number * 10 + newest.number;
    }
  }
}
