package asyncio.conformance.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs the tests of {@link LoopTestExamples} as JUnit would, and says what became of them. */
final class Programs {

  private Programs() {}

  /** Runs one method, once for each engine that it is for. */
  static Events run(String name) {
    Method method =
        Arrays.stream(LoopTestExamples.class.getDeclaredMethods())
            .filter(each -> each.getName().equals(name))
            .findFirst()
            .orElseThrow();
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(LoopTestExamples.class, method))
        .execute()
        .testEvents();
  }

  /** The errors with which a test that must fail does so, one for each engine. */
  static List<Throwable> failures(String name) {
    return run(name)
        .finished()
        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
        .map(result ->
            result.getThrowable().orElseThrow(() -> new AssertionError(name + " did not fail")))
        .toList();
  }
}
