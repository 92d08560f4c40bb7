package asyncio.internal.vthread;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The loop wakes a suspended coroutine while another thread reads its stack, unparks it, or both:
 * each hands the continuation over at moments of its own. Result: how often the coroutine went on
 * after its suspension.
 *
 * <p>A wake-up that is lost shows as a test that does not end.
 */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "once, before resume() returned")
@Outcome(expect = FORBIDDEN, desc = "never, or twice")
@State
public class DirectFiberStress implements Fiber.Body {
  private final DirectFiber fiber = new DirectFiber(this, null);
  private int wentOn;
  private int whenResumed;

  public DirectFiberStress() {
    fiber.resume(); // up to the suspension
  }

  @Override
  public void runBody() {
    fiber.suspend();
    wentOn++;
  }

  @Override
  public void unblocked() {}

  @Override
  public void interruptedWhileSuspended() {}

  @Actor
  public void loop() {
    fiber.resume();
    whenResumed = wentOn;
  }

  @Actor
  public void stackReader() {
    fiber.thread().getStackTrace();
  }

  @Actor
  public void stranger() {
    LockSupport.unpark(fiber.thread());
  }

  @Arbiter
  public void afterwards(I_Result result) {
    result.r1 = whenResumed == wentOn ? wentOn : -1;
  }
}
