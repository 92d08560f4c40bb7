package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The test classes in docs/guides/testing.md pass or fail as the page says. */
class TestingGuideTest {
  private static final Pattern TEST_CLASS =
      Pattern.compile(
          "```java\\n(import .*?class (\\w+).*?)```\\s*(?:```text\\n(.*?)```)?", Pattern.DOTALL);

  private static final List<MatchResult> BLOCKS =
      TEST_CLASS
          .matcher(Repository.read(Repository.ROOT.resolve("docs/guides/testing.md")))
          .results()
          .toList();

  @TempDir private Path folder;

  @Test
  void firstExamplePasses() throws Exception {
    Events events = run(BLOCKS.get(0));

    assertThat(events.succeeded().count()).isPositive();
    assertThat(events.failed().count()).isZero();
  }

  @Test
  void secondExampleFailsWithTheMessageOnThePage() throws Exception {
    List<String> messages =
        run(BLOCKS.get(1))
            .finished()
            .map(event -> event.getRequiredPayload(TestExecutionResult.class))
            .map(result -> result.getThrowable().orElseThrow().getMessage())
            .toList();

    Pattern expected =
        Pattern.compile(Pattern.quote(BLOCKS.get(1).group(3).strip()).replace("…", "\\E\\w+\\Q"));
    assertThat(messages)
        .isNotEmpty()
        .allSatisfy(message ->
            assertThat(message.replace("Program.java", "ForgetfulTest.java")).matches(expected));
  }

  private Events run(MatchResult block) throws Exception {
    assertThat(Snippet.compile(block.group(1), folder)).isEmpty();
    try (var loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      return EngineTestKit.engine("junit-jupiter")
          .selectors(selectClass(loader.loadClass(block.group(2))))
          .execute()
          .testEvents();
    }
  }
}
