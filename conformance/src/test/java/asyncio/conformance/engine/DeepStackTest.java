package asyncio.conformance.engine;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.Engine;
import asyncio.LoopKind;
import asyncio.RunOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A task may suspend as deep as the stack goes; where it ends, that task alone sees a
 * StackOverflowError.
 */
class DeepStackTest {
  private static final int TOO_DEEP = 400_000;
  private static final int STEPS_OVER_THE_EDGE = 100;

  @ParameterizedTest(name = "{0}")
  @EnumSource(Engine.class)
  void loopGoesOnWhenATaskSuspendsAtTheEndOfItsStack(Engine engine) {
    List<String> trail = new ArrayList<>();
    RunOptions options =
        RunOptions.DEFAULT.withLoopFactory(() -> LoopKind.preferred().newLoop(engine));
    Asyncio.run(
        () -> {
          int edge = findEdge();
          assertThat(edge).as("frames that can be suspended").isGreaterThan(1_000);
          for (int i = -STEPS_OVER_THE_EDGE / 2; i < STEPS_OVER_THE_EDGE / 2; i++) {
            suspendsAt(edge + 8 * i);
          }
          var other = createTask(() -> trail.add("other"));
          sleep(Duration.ZERO);
          trail.add("main");
          await(other);
          assertThat(Asyncio.allTasks()).hasSize(1);
        },
        options);
    assertThat(trail).containsExactly("other", "main");
  }

  private static int findEdge() {
    int possible = 1;
    int impossible = TOO_DEEP;
    while (impossible - possible > 16) {
      int depth = (possible + impossible) / 2;
      if (suspendsAt(depth)) {
        possible = depth;
      } else {
        impossible = depth;
      }
    }
    return possible;
  }

  private static boolean suspendsAt(int depth) {
    try {
      assertThat(await(createTask(() -> descend(depth)))).isEqualTo(depth);
      return true;
    } catch (StackOverflowError e) {
      return false;
    }
  }

  private static int descend(int frames) {
    if (frames == 0) {
      sleep(Duration.ZERO);
      return 0;
    }
    return 1 + descend(frames - 1);
  }
}
