package asyncio.conformance.heritage;

import static asyncio.conformance.heritage.ExamplePrograms.codeLines;
import static asyncio.conformance.heritage.ExamplePrograms.run;
import static asyncio.conformance.heritage.ExamplePrograms.runStatements;
import static asyncio.conformance.heritage.ExamplePrograms.runStatementsWith;
import static asyncio.conformance.heritage.ExamplePrograms.runWith;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HER: the programs of the documents on asyncio's history, each with the output printed there. */
class ProgramsOfTheDocumentsTest {
  private static final List<String> CHAIN =
      List.of(
          "in outer",
          "waiting for result1",
          " - in phase1",
          "waiting for result2",
          " - in phase2",
          "return value : ('result1', 'result2 derived from result1')");

  /** Lines of code of the originals, imports left out. */
  private static final Map<String, Integer> LENGTHS =
      Map.of("GeventUrls", 8, "TornadoUrls", 11, "GeneratorUrls", 11, "AsyncAwaitUrls", 10);

  private static final List<String> PAGES = List.of("python", "yandex", "google");

  @EachEngine
  @Spec("HER-1")
  void coroutine(Engine engine) {
    assertThat(run(engine, "AsyncioCoroutine"))
        .containsExactly(
            "Starting coroutine", "entering event loop", "in coroutine", "closing event loop");
  }

  @EachEngine
  @Spec("HER-1")
  void coroutineReturn(Engine engine) {
    assertThat(run(engine, "AsyncioCoroutineReturn"))
        .containsExactly("in coroutine", "it returned : 'result'");
  }

  @EachEngine
  @Spec("HER-1")
  void coroutineChain(Engine engine) {
    assertThat(run(engine, "AsyncioCoroutineChain")).isEqualTo(CHAIN);
  }

  @EachEngine
  @Spec({"HER-1", "HER-33"})
  void generator(Engine engine) {
    assertThat(run(engine, "AsyncioGenerator")).isEqualTo(CHAIN);
  }

  @Test
  @Spec("HER-33")
  void theTrampolineHasThirtyLines() {
    assertThat(codeLines("Trampoline")).hasSizeLessThanOrEqualTo(30);
  }

  @EachEngine
  @Spec({"HER-1", "HER-8"})
  void callSoon(Engine engine) {
    assertThat(run(engine, "AsyncioCallSoon"))
        .containsExactly(
            "entering event loop",
            "registering callbacks",
            "callback invoked with 1 and default",
            "callback invoked with 2 and not default",
            "closing event loop");
  }

  @EachEngine
  @Spec("HER-1")
  void callLater(Engine engine) {
    assertThat(run(engine, "AsyncioCallLater"))
        .containsExactly(
            "entering event loop",
            "registering callbacks",
            "callback 3 invoked",
            "callback 2 invoked",
            "callback 1 invoked",
            "closing event loop");
  }

  @EachEngine
  @Spec("HER-1")
  void callAt(Engine engine) {
    List<String> lines = run(engine, "AsyncioCallAt");
    assertThat(lines)
        .zipSatisfy(
            List.of(
                "entering event loop",
                "clock time : [0-9.]+",
                "loop time  : [0-9.]+",
                "registering callbacks",
                "callback 3 invoked at [0-9.]+",
                "callback 2 invoked at [0-9.]+",
                "callback 1 invoked at [0-9.]+",
                "closing event loop"),
            (line, pattern) -> assertThat(line).matches(pattern));
    double before = number(lines.get(2));
    assertThat(number(lines.get(4))).isGreaterThanOrEqualTo(before);
    assertThat(number(lines.get(5))).isGreaterThan(number(lines.get(4)));
    assertThat(number(lines.get(5))).isGreaterThanOrEqualTo(before + 0.1);
    assertThat(number(lines.get(6))).isGreaterThan(number(lines.get(5)));
    assertThat(number(lines.get(6))).isGreaterThanOrEqualTo(before + 0.2);
    assertThat(number(lines.get(1))).as("wall time").isNotEqualTo(before);
  }

  private static double number(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  @EachEngine
  @Spec({"HER-1", "HER-9"})
  void futureEventLoop(Engine engine) {
    assertThat(run(engine, "AsyncioFutureEventLoop"))
        .containsExactly(
            "scheduling mark_done",
            "entering event loop",
            "setting future result to 'the result'",
            "returned result 'the result'",
            "closing event loop",
            "future result : 'the result'");
  }

  @EachEngine
  @Spec("HER-1")
  void futureAwait(Engine engine) {
    assertThat(run(engine, "AsyncioFutureAwait"))
        .containsExactly(
            "scheduling mark_done",
            "setting future result to 'the result'",
            "returned result 'the result'");
  }

  @Test
  @Spec("HER-2")
  void theEchoServerHasTenLines() {
    assertThat(codeLines("TwistedEchoServer")).hasSizeLessThanOrEqualTo(10);
  }

  // ---- three pages, in four styles

  private static List<String> withoutPorts(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll("http://[0-9.:]+/", "")).toList();
  }

  private static String resultLine(String page) {
    return page + ": 18 bytes: the page of " + page;
  }

  @Test
  @Spec("HER-3")
  void eachStyleNeedsFewLines() {
    LENGTHS.forEach((program, original) ->
        assertThat(codeLines(program)).as(program).hasSizeLessThanOrEqualTo(original + 5));
  }

  @ParameterizedTest
  @CsvSource({
    "GeventUrls, DIRECT",
    "TornadoUrls, DIRECT",
    "TornadoUrls, PORTABLE",
    "GeneratorUrls, DIRECT",
    "GeneratorUrls, PORTABLE",
    "AsyncAwaitUrls, DIRECT",
    "AsyncAwaitUrls, PORTABLE"
  })
  @Spec({"HER-1", "HER-3", "HER-5"})
  void theSlowestPageComesLast(String program, Engine engine) {
    // The server answers nobody before all three have asked; so it is no good to ask in turn.
    List<String> lines = withoutPorts(run(engine, program));
    assertThat(lines.stream().filter(line -> !line.startsWith("Starting ")))
        .isEqualTo(PAGES.stream().map(ProgramsOfTheDocumentsTest::resultLine).toList());
    assertThat(lines.stream().filter(line -> line.startsWith("Starting ")))
        .hasSize(program.equals("TornadoUrls") ? 0 : 3);
  }

  @ParameterizedTest
  @CsvSource({
    "GeventUrls, DIRECT",
    "GeneratorUrls, DIRECT",
    "GeneratorUrls, PORTABLE",
    "AsyncAwaitUrls, DIRECT",
    "AsyncAwaitUrls, PORTABLE"
  })
  @Spec("HER-4")
  void allStartInTheOrderOfTheListBeforeAnyResult(String program, Engine engine) {
    assertThat(withoutPorts(run(engine, program)))
        .startsWith("Starting google", "Starting yandex", "Starting python");
  }

  @EachEngine
  @Spec("HER-6")
  void aRefusedConnectionIsAnErrorLineInCallbackStyle(Engine engine) {
    assertThat(withoutPorts(runWith(engine, "TornadoUrls", "refuse", "yandex")))
        .containsExactlyInAnyOrder(
            "Error: HTTP 599: ConnectException", resultLine("google"), resultLine("python"));
  }

  @Test
  @Spec("HER-6")
  void aRefusedConnectionIsTheFailureOfOneGreenThread() {
    List<String> lines = withoutPorts(runWith(Engine.DIRECT, "GeventUrls", "refuse", "yandex"));
    assertThat(lines.subList(3, 5))
        .containsExactlyInAnyOrder(resultLine("google"), resultLine("python"));
    assertThat(lines.getLast()).contains("ConnectException", "Task-");
  }

  @EachEngine
  @Spec({"HER-6", "HER-80"})
  void aRefusedConnectionIsThrownWhereItsTaskIsAwaited(Engine engine) {
    List<String> lines =
        withoutPorts(
            runStatementsWith(
                engine,
                Map.of("refuse", "yandex"),
                """
                var program = new AsyncAwaitUrls();
                run(() -> {
                  var tasks =
                      program.urls.stream().map(url -> createTask(() -> program.callUrl(url))).toList();
                  for (var task : tasks) {
                    try {
                      print("returned " + await(task));
                    } catch (AsyncHttpClient.HttpError e) {
                      print("raised " + e.getCause().getClass().getSimpleName());
                    }
                  }
                });
                """));
    assertThat(lines)
        .containsSubsequence(
            "returned the page of google",
            "raised ConnectException",
            "returned the page of python");
  }

  @EachEngine
  @Spec({"HER-7", "HER-80"})
  void oneCallWaitsForAllAndGivesEachResult(Engine engine) {
    List<String> lines =
        withoutPorts(
            runStatements(
                engine,
                """
                var coroutines = new AsyncAwaitUrls();
                var generators = new GeneratorUrls();
                run(() -> {
                  print(await(gather(coroutines.urls.stream()
                      .map(url -> (Coroutine<String>) () -> coroutines.callUrl(url)).toList())));
                  var driven = generators.urls.stream()
                      .map(url -> Trampoline.drive(generators.callUrl(url))).toList();
                  print(Asyncio.wait(driven).done().size());
                  driven.forEach(each -> print(each.result()));
                  var calls = new CallbackCollector<AsyncHttpClient.Response>(3);
                  var client = AsyncHttpClient.shared();
                  generators.urls.forEach(url -> client.fetch(url, calls.after(_ -> {})));
                  print(await(calls.all()).stream().map(AsyncHttpClient.Response::text).sorted().toList());
                });
                """));
    assertThat(lines.stream().filter(line -> !line.contains("bytes") && !line.startsWith("Start")))
        .containsExactly(
            "[the page of google, the page of yandex, the page of python]",
            "3",
            "the page of google",
            "the page of yandex",
            "the page of python",
            "[the page of google, the page of python, the page of yandex]");
  }

  @EachEngine
  @Spec("HER-7")
  void aCallbackThatFailsIsCollectedAllTheSame(Engine engine) {
    assertThat(
            runStatements(
                engine,
                """
                run(() -> {
                  getRunningLoop().setExceptionHandler((_, error) -> print(error.exception().getMessage()));
                  var calls = new CallbackCollector<String>(2);
                  getRunningLoop().callSoon(() -> calls.after(text -> {
                    throw new IllegalStateException("in callback " + text);
                  }).accept("one"));
                  getRunningLoop().callSoon(() -> calls.after(text -> print(text)).accept("two"));
                  print(await(calls.all()));
                  print(await(new CallbackCollector<String>(0).all()));
                });
                """))
        .containsExactly("in callback one", "two", "[one, two]", "[]");
  }

  // ---- inlineCallbacks

  @EachEngine
  @Spec("HER-50")
  void aGeneratorThatYieldsFuturesGetsTheirOutcomes(Engine engine) {
    assertThat(
            runStatements(
                engine,
                """
                run(() -> {
                  var loop = getRunningLoop();
                  Generator<Object, Object, Integer> coroutine = Generator.of(y -> {
                    Future<Integer> five = loop.createFuture();
                    loop.callLater(millis(1), () -> five.setResult(5));
                    Future<Integer> failing = loop.createFuture();
                    loop.callSoon(() -> failing.setException(new IllegalStateException("failed")));
                    int sum = (int) y.yield(five) + (int) y.yield(7);
                    try {
                      y.yield(failing);
                    } catch (IllegalStateException e) {
                      print(e.getMessage());
                    }
                    return sum;
                  });
                  print(await(Trampoline.drive(coroutine)));
                  Generator<Object, Object, Integer> outer = Generator.of(y -> {
                    Future<Object> never = loop.createFuture();
                    loop.callSoon(never::cancel);
                    try {
                      y.yield(never);
                    } catch (CancelledError e) {
                      print("cancelled");
                    }
                    throw new IllegalArgumentException("end");
                  });
                  try {
                    await(Trampoline.drive(outer));
                  } catch (IllegalArgumentException e) {
                    print(e.getMessage());
                  }
                });
                """))
        .containsExactly("failed", "12", "cancelled", "end");
  }
}
