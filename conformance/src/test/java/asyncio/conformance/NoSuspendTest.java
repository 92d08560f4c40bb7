package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.noSuspend;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import asyncio.Engine;
import asyncio.TaskOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sections in which nothing else may run. */
class NoSuspendTest {

  @EachEngine
  void aSuspendingCallFailsAtOnce(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          var other = createTask(() -> trail.add("other"));
          assertRefused("noSuspend", () -> noSuspend(() -> sleep(seconds(1))));
          assertRefused("noSuspend", () -> noSuspend(() -> await(other)));
          trail.add("after the sections");
          await(other);
          assertThat(trail).containsExactly("after the sections", "other");
        });
  }

  @EachEngine
  void whatDoesNotSuspendIsAllowedAndGivesItsValue(Engine engine) throws Exception {
    OnLoop.run(
        engine,
        loop -> {
          var done = loop.<Integer>createFuture();
          done.setResult(5);
          int value = noSuspend(() -> await(done) + 1);
          assertThat(value).isEqualTo(6);
          List<String> trail = new ArrayList<>();
          noSuspend(() ->
              createTask(() -> trail.add("eager child"), TaskOptions.DEFAULT.withEagerStart(true)));
          assertThat(trail)
              .as("starting a child eagerly is no suspension")
              .containsExactly("eager child");
          loop.callSoon(() -> trail.add("callback " + noSuspend(() -> 7)));
          sleep(seconds(0));
          assertThat(trail).endsWith("callback 7");
        });
  }

  @EachEngine
  void theSectionEndsWithItsBody(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var error = new IOException("of the body");
          try {
            noSuspend(() -> {
              assertRefused("noSuspend", () -> noSuspend(() -> sleep(seconds(0))));
              assertRefused("noSuspend", () -> sleep(seconds(0)));
              throw error;
            });
          } catch (IOException e) {
            assertThat(e).isSameAs(error).hasNoSuppressedExceptions();
          }
          sleep(seconds(0));
        });
  }

  @Test
  void aSwitchInsideAJdkCallEndsTheSectionWithItsStack() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop ->
            loop.runUntilComplete(() -> {
              Throwable thrown = catchThrowable(() -> noSuspend(() -> Thread.sleep(1)));
              assertThat(thrown)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("other tasks ran");
              assertThat(thrown.getStackTrace())
                  .anyMatch(frame -> frame.getMethodName().equals("sleep"));
              noSuspend(() -> 1);
            }));
  }

  @Test
  void theBodysOwnExceptionComesFirst() throws Exception {
    Loops.with(
        Engine.DIRECT,
        loop ->
            loop.runUntilComplete(() -> {
              var error = new IOException("of the body");
              assertThatThrownBy(() ->
                      noSuspend(() ->
                          noSuspend(() -> {
                            Thread.sleep(1);
                            throw error;
                          })))
                  .isSameAs(error);
              assertThat(error.getSuppressed())
                  .singleElement()
                  .asString()
                  .contains("other tasks ran");
            }));
  }
}
