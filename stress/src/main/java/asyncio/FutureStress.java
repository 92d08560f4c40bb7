package asyncio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The outcome of a future, read by threads other than its loop's through {@code
 * java.util.concurrent.Future}.
 */
class FutureStress {
  private FutureStress() {}

  private static final class Box {
    int content;
  }

  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not done yet")
  @Outcome(id = "1, 42", expect = Expect.ACCEPTABLE, desc = "done, and all of the result is there")
  @Outcome(expect = Expect.FORBIDDEN, desc = "done, but with half a result")
  @State
  public static class ADoneFutureHasItsWholeResult {
    private final Future<Box> future = new Future<>(SharedLoop.IDLE);

    @Actor
    public void loop() {
      var box = new Box();
      box.content = 42;
      future.setResult(box);
    }

    @Actor
    public void other(II_Result result) {
      if (future.isDone()) {
        result.r1 = 1;
        result.r2 = future.resultNow().content;
      }
    }
  }

  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "not done yet")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "cancelled between the two looks")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "cancelled before both")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "done and then pending again, or cancelled with a result")
  @State
  public static class AFutureStaysCancelled {
    private final Future<Box> future = new Future<>(SharedLoop.IDLE);

    @Actor
    public void loop() {
      future.cancel();
    }

    @Actor
    public void other(II_Result result) {
      result.r1 = future.isDone() ? 1 : 0;
      try {
        future.resultNow();
        result.r2 = 2;
      } catch (IllegalStateException e) {
        result.r2 = future.isCancelled() ? 1 : 0;
      }
    }
  }
}
