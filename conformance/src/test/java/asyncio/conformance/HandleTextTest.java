package asyncio.conformance;

import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.Handle;
import asyncio.TimerHandle;
import java.time.Duration;

/** CB: the text forms of handles. */
class HandleTextTest {

  /** A callback with a name. */
  private static final class Named implements Runnable {
    @Override
    public void run() {}
  }

  @EachEngine
  @Spec("CB-24")
  void textNamesTheCallbackAndItsPlaceUntilItIsCancelled(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(false);
          Handle lambda = loop.callSoon(() -> {});
          Handle named = loop.callSoon(new Named());
          Handle threadsafe = loop.callSoonThreadsafe(new Named());
          TimerHandle timer = loop.callAt(123, new Named());

          assertThat(lambda).hasToString("<Handle asyncio.conformance.HandleTextTest.lambda()>");
          assertThat(named).hasToString("<Handle asyncio.conformance.HandleTextTest$Named()>");
          assertThat(threadsafe).hasToString("<Handle asyncio.conformance.HandleTextTest$Named()>");
          assertThat(timer)
              .hasToString("<TimerHandle when=123 asyncio.conformance.HandleTextTest$Named()>");
          named.cancel();
          timer.cancel();
          assertThat(named).hasToString("<Handle cancelled>");
          assertThat(timer).hasToString("<TimerHandle cancelled when=123>");
        });
  }

  @EachEngine
  @Spec("CB-25")
  void debugTextKeepsTheCallbackAndShowsThePlaceOfCreation(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(true);
          int line = new Throwable().getStackTrace()[0].getLineNumber();
          Handle handle = loop.callSoon(new Named());
          TimerHandle timer = loop.callLater(Duration.ofHours(1), new Named());
          String place = " created at HandleTextTest.java:";

          assertThat(handle)
              .hasToString(
                  "<Handle asyncio.conformance.HandleTextTest$Named()" + place + (line + 1) + ">");
          handle.cancel();
          timer.cancel();
          assertThat(handle)
              .hasToString(
                  "<Handle cancelled asyncio.conformance.HandleTextTest$Named()"
                      + place
                      + (line + 1)
                      + ">");
          assertThat(timer)
              .hasToString(
                  "<TimerHandle cancelled when=%d asyncio.conformance.HandleTextTest$Named()%s%d>"
                      .formatted(timer.when(), place, line + 2));
          loop.setDebug(false);
          handle.cancel();
          assertThat(handle.toString()).as("frozen at the first cancellation").contains("Named");
        });
  }
}
