package asyncio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/**
 * As {@link WakeUpStress}, in a loop whose wake-ups make a system call only if it waits, and whose
 * descriptors may be closed by the thread that wakes it.
 */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "the loop woke up and stopped")
@Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "the wake-up was lost")
@State
public class WakeUpOnEpollStress {
  private final EventLoop loop =
      LoopKind.EPOLL.isAvailable()
          ? new EpollEventLoop(Engine.PORTABLE)
          : new SelectorEventLoop(Engine.PORTABLE);

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
