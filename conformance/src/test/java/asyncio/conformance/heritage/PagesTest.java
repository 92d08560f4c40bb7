package asyncio.conformance.heritage;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.conformance.Repository;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** HER: the pages for users of other systems name things that exist. */
class PagesTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+;)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)]+)\\)");

  /** What the lines of the table take for granted. */
  private static final String GIVEN =
      """
      EventLoop loop = getRunningLoop();
      java.nio.channels.SelectableChannel channel = null;
      java.nio.channels.SocketChannel socket = null;
      StreamReader reader = null;
      Protocol protocol = null;
      java.util.function.Supplier<Protocol> factory = null;
      java.nio.ByteBuffer buffer = null;
      byte[] bytes = {};
      byte[] delimiter = {};
      Future<String> future = null;
      Task<String> task = null;
      List<Task<String>> tasks = List.of();
      List<String> urls = List.of();
      Consumer consumer = null;
      Producer producer = null;
      java.util.concurrent.Executor executor = null;
      java.net.http.HttpClient client = null;
      java.net.http.HttpRequest request = null;
      java.net.http.HttpResponse.BodyHandler<String> handler = null;
      Generator<String, String, String> generator = null;
      Generator.Yielder<String, String> y = null;
      String value = null;
      Exception error = null;
      """;

  private static List<List<String>> rows(String page, int columns) {
    return Repository.tableRows(Repository.ROOT.resolve(page), "").stream()
        .filter(row -> row.size() == columns)
        .toList();
  }

  @TestFactory
  @Spec("HER-125")
  List<DynamicTest> everyLineOfTheTableCompilesAndHasAnExample() {
    List<List<String>> rows = rows("docs/coming-from.md", 4);
    assertThat(rows).hasSize(22);
    return rows.stream()
        .map(row -> DynamicTest.dynamicTest(row.get(0) + ": " + row.get(1), () -> check(row)))
        .toList();
  }

  private static void check(List<String> row) {
    Matcher code = CODE.matcher(row.get(2));
    int statements = 0;
    while (code.find()) {
      Snippet.accepts(GIVEN + code.group(1));
      statements++;
    }
    assertThat(statements > 0 || row.get(2).startsWith("nothing to do")).isTrue();
    Matcher link = LINK.matcher(row.get(3));
    assertThat(link.find()).as("a link").isTrue();
    assertThat(Repository.ROOT.resolve("docs").resolve(link.group(1))).exists();
  }

  @Test
  @Spec("HER-124")
  void theOpenQuestionsOfPep3156AreAnsweredByApi() {
    String page = Repository.read(Repository.ROOT.resolve("docs/history.md"));
    assertThat(page)
        .contains(
            "datagrams", "a handle that tells more", "looking into", "debugging", "time limits");
    Snippet.accepts(
        """
        EventLoop loop = getRunningLoop();
        java.nio.channels.DatagramChannel datagrams = null;
        loop.sockSendto(datagrams, loop.sockRecvfrom(datagrams, 100).data(), null);
        DatagramEndpoint endpoint = null;
        Handle handle = loop.callSoon(() -> {});
        boolean cancelled = handle.isCancelled() && handle.context() != null;
        long when = loop.callLater(seconds(1), () -> {}).when();
        captureCallGraph(allTasks().iterator().next());
        currentTask().stack();
        loop.addInstrument(new Instrument() {});
        ExecutorLoad load = loop.defaultExecutorLoad();
        loop.setDebug(true);
        timeout(seconds(1), t -> { t.reschedule(currentDeadline()); });
        timeoutAt(when, () -> {});
        waitFor(() -> {}, seconds(1));
        """);
  }

  @Test
  @Spec({"HER-63", "HER-82"})
  void aPageListsTheCallsThatBlockAndSaysHowToSeeASwitch() {
    String page = Repository.read(Repository.ROOT.resolve("docs/guides/blocking.md"));
    assertThat(page)
        .contains("What holds up the loop on both engines", "files", "names", "native code")
        .contains("@Suspends", "noSuspend");
    assertThat(Repository.read(Repository.ROOT.resolve("docs/tutorial.md")))
        .contains("guides/blocking.md");
  }

  @Test
  @Spec({"HER-71", "HER-72"})
  void thePageForUsersOfTornadoSaysWhatTheOriginalForgot() {
    assertThat(Repository.read(Repository.ROOT.resolve("docs/coming-from.md")))
        .contains("forgot to run the loop", "one for each loop");
  }
}
