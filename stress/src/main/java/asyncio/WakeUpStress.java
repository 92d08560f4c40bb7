package asyncio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/** A call from another thread reaches a loop that is about to sleep, or sleeps already. */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "the loop woke up and stopped")
@Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "the wake-up was lost")
@State
public class WakeUpStress {
  private final EventLoop loop = new SelectorEventLoop(Engine.PORTABLE);

  @Actor
  public void loop() {
    loop.runForever();
    loop.close();
  }

  @Signal
  public void other() {
    loop.callSoonThreadsafe(loop::stop);
  }
}
