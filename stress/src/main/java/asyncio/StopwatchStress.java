package asyncio;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * A foreign thread reads a stopwatch at time 120, which has run for 10, while the loop starts it at
 * 100 and stops it at 120. A state of which half is changed would give another number.
 */
@JCStressTest
@Outcome(id = "10", expect = ACCEPTABLE, desc = "before the start")
@Outcome(id = "30", expect = ACCEPTABLE, desc = "after the start, stopped or not")
@Outcome(expect = FORBIDDEN, desc = "half of a change was seen")
@State
public class StopwatchStress {
  private final Stopwatch watch = new Stopwatch();

  public StopwatchStress() {
    watch.start(10);
    watch.stop(20);
  }

  @Actor
  public void loop() {
    watch.start(100);
    watch.stop(120);
  }

  @Actor
  public void foreign(J_Result result) {
    result.r1 = watch.total(120);
  }
}
