package asyncio.conformance.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Engine;
import asyncio.SystemExit;
import asyncio.testkit.DeadlockError;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A test on a loop fails for what it leaves behind, and says what that is and where it comes from.
 */
class LoopTestFailureTest {
  private static final long ENGINES =
      Arrays.stream(Engine.values()).filter(Engine::isAvailable).count();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "anHourOfTimeouts",
        "cancelsAtTheVeryEnd",
        "cleansUpInTearDown",
        "hasAHandlerOfItsOwn"
      })
  void goodTestPassesOnEachEngine(String name) {
    assertThat(Programs.run(name).succeeded().count()).isEqualTo(ENGINES);
  }

  @Test
  void abortedTestIsAborted() {
    assertThat(Programs.run("isAborted").aborted().count()).isEqualTo(ENGINES);
  }

  @Test
  void testIsSkippedOnAnEngineThatIsNotThere() {
    var events = Programs.run("needsTheDirectEngine");

    assertThat(events.succeeded().count()).isEqualTo(Engine.DIRECT.isAvailable() ? 1 : 0);
    assertThat(events.skipped().count()).isEqualTo(Engine.DIRECT.isAvailable() ? 0 : 1);
  }

  @Test
  void leakedTasksAreNamedWithWhatTheyWaitForAndWhereTheyWereCreated() {
    for (String message : messages("leaksTasks")) {
      assertThat(message)
          .startsWith("the test left something behind\nunfinished tasks")
          .containsSubsequence(
              "task 'consumer' waits for queue",
              "created at " + place("leaksTasks"),
              "task 'sleeper' waits for timer",
              "created at " + place("leaksTasks"),
              "at " + place("lambda$leaksTasks"),
              "a timer that is still scheduled, 7.0 s from now");
    }
  }

  @Test
  void exceptionsThatNobodyRetrievedAreShownWithoutWaitingForACollection() {
    for (Throwable failure : failures("nobodyRetrieves")) {
      assertThat(failure)
          .hasMessageContainingAll(
              "exceptions that nobody retrieved", "disk full", "'writer'", "no answer");
      assertThat(failure.getMessage()).contains("created at " + place("nobodyRetrieves"));
      assertThat(failure.getSuppressed())
          .extracting(Throwable::getMessage)
          .contains("disk full", "no answer");
    }
  }

  @Test
  void channelsAreNamedWithWhereTheyWereOpenedEachOnce() {
    for (String message : messages("leavesChannels")) {
      assertThat(message)
          .containsSubsequence(
              "resources that were not closed",
              "MemorySocketChannel[connected",
              "channels of the network that were not closed",
              "MemorySocketChannel[connected",
              "opened at " + place("leavesChannels"),
              "MemoryServerSocketChannel[unbound]",
              "opened at " + place("leavesChannels"));
      assertThat(message.split("MemorySocketChannel", -1)).hasSize(3);
    }
  }

  @Test
  void reportsAreShown() {
    for (Throwable failure : failures("reportsToTheHandler")) {
      assertThat(failure)
          .hasMessageContainingAll(
              "reports to the exception handler", "Exception in callback", "boom");
      assertThat(failure.getSuppressed()).extracting(Throwable::getMessage).containsExactly("boom");
    }
  }

  @Test
  void timersAreShown() {
    assertThat(messages("leavesATimer"))
        .allMatch(text -> text.contains("a timer that is still scheduled, 30.0 s from now"));
  }

  @Test
  void resourcesAreShownWithWhereTheyWereOpened() {
    assertThat(messages("leavesAResource"))
        .allSatisfy(text ->
            assertThat(text)
                .containsSubsequence(
                    "resources that were not closed",
                    "connection 2\n    opened at " + place("leavesAResource"))
                .doesNotContain("connection 1"));
  }

  @Test
  void channelsAreShown() {
    assertThat(messages("leavesAChannel"))
        .allSatisfy(text ->
            assertThat(text)
                .contains(
                    "resources that were not closed", "opened at " + place("leavesAChannel")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"leavesAThread", "leavesACallInTheExecutor"})
  void threadsAreShown(String name) {
    LoopTestExamples.enough = new CountDownLatch(1);
    try {
      assertThat(messages(name))
          .allSatisfy(
              text -> assertThat(text).contains("threads that were started", "waitForEnough"));
    } finally {
      LoopTestExamples.enough.countDown();
    }
  }

  @Test
  void testsOwnFailureComesFirstAndEverythingElseInOneMessage() {
    for (Throwable failure : failures("everythingGoesWrong")) {
      assertThat(failure).hasMessage("the test's own");
      assertThat(failure.getSuppressed())
          .singleElement()
          .satisfies(rest ->
              assertThat(rest)
                  .hasMessageContainingAll(
                      "'waiter'", "disk full", "boom", "a timer that is still scheduled"));
    }
  }

  @Test
  void deadlockIsAPictureOfWhoWaitsForWhat() {
    for (Throwable failure : failures("deadlocks")) {
      assertThat(failure).isInstanceOf(DeadlockError.class);
      assertThat(failure.getMessage())
          .startsWith("deadlock: every task waits, no timer is left")
          .containsSubsequence(
              "task 'deadlocks' waits for task 'consumer'", "task 'consumer' waits for queue");
      assertThat(failure.getSuppressed()).as("nothing is said twice").isEmpty();
    }
  }

  @Test
  void timeLimitIsAPictureOfWhoWaitsForWhat() {
    for (String message : messages("isTooSlow")) {
      assertThat(message)
          .startsWith("the test did not end within 0.1 s; who waits for what:")
          .containsSubsequence(
              "task 'isTooSlow' waits for task 'sleeper'", "task 'sleeper' waits for timer");
    }
  }

  @Test
  void timeLimitShowsTheCallbackThatBlocksTheLoop() {
    for (String message : messages("blocksTheLoop")) {
      assertThat(message).containsSubsequence("the thread of the loop:", "lambda$blocksTheLoop");
    }
  }

  @Test
  void exitOfTheProcessIsAFailure() {
    assertThat(failures("endsTheProcess"))
        .allSatisfy(failure -> assertThat(failure).isInstanceOf(SystemExit.class));
  }

  @Test
  void timeLimitOfJunitShowsThePictureToo() {
    LoopTestExamples.enough = new CountDownLatch(1);
    try {
      assertThat(failures("isInterruptedByJunit"))
          .allSatisfy(failure -> {
            assertThat(failure).hasMessageContaining("timed out after 100 milliseconds");
            assertThat(failure.getSuppressed())
                .extracting(Throwable::getMessage)
                .anyMatch(message -> message.contains("'isInterruptedByJunit' waits for thread"));
          });
    } finally {
      LoopTestExamples.enough.countDown();
    }
  }

  @Test
  void whatTheTestThrowsIsPassedOn() {
    assertThat(failures("throwsAnError"))
        .allSatisfy(failure ->
            assertThat(failure).isInstanceOf(StackOverflowError.class).hasMessage("mine"));
  }

  @Test
  void virtualLoopCannotBeHadInRealTime() {
    assertThat(messages("wantsTheWrongLoop"))
        .allMatch(text -> text.contains("is no VirtualTimeLoop"));
  }

  private static List<Throwable> failures(String name) {
    assumeTrue(ENGINES > 0);
    List<Throwable> failures = Programs.failures(name);
    assertThat(failures).hasSize((int) ENGINES);
    return failures;
  }

  private static List<String> messages(String name) {
    return failures(name).stream().map(Throwable::getMessage).toList();
  }

  private static String place(String method) {
    return LoopTestExamples.class.getName() + "." + method;
  }
}
