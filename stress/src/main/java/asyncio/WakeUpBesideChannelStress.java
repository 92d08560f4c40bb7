package asyncio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Pipe;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/**
 * As {@link WakeUpStress}, in a loop that waits for a channel too: before it sleeps it looks
 * whether that was closed, in a poll that takes wake-ups up.
 */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "the loop woke up and stopped")
@Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "the wake-up was lost")
@State
public class WakeUpBesideChannelStress {
  private final EventLoop loop = new SelectorEventLoop(Engine.PORTABLE);

  @Actor
  public void loop() {
    try {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      loop.addReader(pipe.source(), () -> {});
      loop.runForever();
      loop.close();
      pipe.source().close();
      pipe.sink().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Signal
  public void other() {
    loop.callSoonThreadsafe(loop::stop);
  }
}
