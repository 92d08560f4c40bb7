package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.formatCallGraph;
import static asyncio.Asyncio.printCallGraph;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CallGraph;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.inspect.Loops;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Call graphs as text. */
class CallGraphTextTest {

  private static void waitFor(Future<?> future) {
    await(future);
  }

  private static String printed(Future<?> future, int limit) {
    var bytes = new ByteArrayOutputStream();
    printCallGraph(future, 1, limit, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String id(Future<?> future) {
    return future instanceof Task<?> task
        ? "id=" + Loops.idOf(task)
        : "id=0x100" + "%08x".formatted(System.identityHashCode(future));
  }

  private static String line(StackTraceElement frame) {
    return "File 'CallGraphTextTest.java', line "
        + frame.getLineNumber()
        + ", in CallGraphTextTest."
        + frame.getMethodName()
        + "()";
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-16")
  void textHasANodeForEachFuture(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> inner = createTask(() -> waitFor(future), TaskOptions.named("inner"));
          Task<?> outer = createTask(() -> waitFor(inner), TaskOptions.named("outer"));
          Task<?> other = createTask(() -> await(future), TaskOptions.named("other"));
          sleep(seconds(0));
          List<StackTraceElement> innerStack = inner.stack().reversed();
          List<StackTraceElement> outerStack = outer.stack().reversed();
          assertThat(innerStack).hasSize(2);
          assertThat(innerStack.getFirst().getMethodName()).isEqualTo("waitFor");
          String expected =
              String.join(
                  "\n",
                  "* Future(" + id(future) + ")",
                  "  + Awaited by:",
                  "    * Task(name='inner', " + id(inner) + ")",
                  "      + Call stack:",
                  "      |   " + line(innerStack.get(0)),
                  "      |   " + line(innerStack.get(1)),
                  "      + Awaited by:",
                  "        * Task(name='outer', " + id(outer) + ")",
                  "          + Call stack:",
                  "          |   " + line(outerStack.get(0)),
                  "          |   " + line(outerStack.get(1)),
                  "    * Task(name='other', " + id(other) + ")",
                  "      + Call stack:",
                  "      |   " + line(other.stack().getFirst()));
          assertThat(formatCallGraph(future)).isEqualTo(expected);
          future.setResult("");
          await(outer);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-15")
  void textIsReturnedOrWritten(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          assertThat(formatCallGraph(future)).isEqualTo("* Future(" + id(future) + ")");
          assertThat(printed(future, CallGraph.ALL))
              .isEqualTo("* Future(" + id(future) + ")" + System.lineSeparator());

          String own = formatCallGraph();
          assertThat(own)
              .startsWith(
                  "* Task(name='" + currentTask().name() + "', " + id(currentTask()) + ")\n");
          assertThat(own.split("\n")[2])
              .as("begins with the caller")
              .contains("in CallGraphTextTest.lambda$textIsReturnedOrWritten");
          assertThat(formatCallGraph(null, 0, CallGraph.ALL).split("\n")[2])
              .contains("in Asyncio.formatCallGraph()");
          assertThat(formatCallGraph(currentTask(), 1, 0)).doesNotContain("Call stack");

          List<String> inCallback = new ArrayList<>();
          loop.callSoon(() -> {
            inCallback.add(formatCallGraph());
            inCallback.add(formatCallGraph(null, 1, CallGraph.ALL));
            inCallback.add(printed(null, CallGraph.ALL));
          });
          sleep(seconds(0));
          assertThat(inCallback)
              .as("without a graph")
              .containsExactly("", "", System.lineSeparator());
        });
    assertThatThrownBy(() -> formatCallGraph()).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-15")
  void textGoesToStandardOutputByDefault(Engine engine) {
    PrintStream before = System.out;
    var bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      OnLoop.run(
          engine,
          loop -> {
            Future<String> future = loop.createFuture();
            printCallGraph(future);
            printCallGraph();
            assertThat(bytes.toString(StandardCharsets.UTF_8))
                .startsWith(
                    "* Future(" + id(future) + ")" + System.lineSeparator() + "* Task(name='")
                .contains("in CallGraphTextTest.lambda$textGoesToStandardOutputByDefault");
          });
    } finally {
      System.setOut(before);
    }
  }
}
