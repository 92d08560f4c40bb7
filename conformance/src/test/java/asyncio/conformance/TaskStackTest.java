package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a task is, and where it failed. */
class TaskStackTest {

  private static void outer(Future<?> future) {
    middle(future);
  }

  private static void middle(Future<?> future) {
    inner(future);
  }

  private static void inner(Future<?> future) {
    await(future);
  }

  private static void failOuter() {
    failInner();
  }

  private static void failInner() {
    throw new IllegalArgumentException("the reason");
  }

  private static List<String> methods(List<StackTraceElement> frames) {
    return frames.stream()
        .map(StackTraceElement::getMethodName)
        .filter(name -> !name.startsWith("lambda$"))
        .toList();
  }

  private static String printed(Task<?> task, int limit) {
    var bytes = new ByteArrayOutputStream();
    var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    task.printStack(limit, out);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"TASK-61", "TASK-62"})
  void stackIsThatOfTheSuspendedCoroutineOrOfTheException(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> suspended = createTask(() -> outer(future));
          Task<?> failed = createTask(TaskStackTest::failOuter);
          Task<String> ended = createTask(() -> "done");
          Task<?> cancelled = createTask(() -> outer(loop.createFuture()));
          assertThat(suspended.stack()).as("not started").isEmpty();
          sleep(seconds(0));
          cancelled.cancel();
          sleep(seconds(0));

          assertThat(methods(suspended.stack())).containsExactly("outer", "middle", "inner");
          assertThat(methods(suspended.stack(2)))
              .as("the newest")
              .containsExactly("middle", "inner");
          assertThat(suspended.stack(0)).isEmpty();
          List<StackTraceElement> frames = failed.stack();
          assertThat(methods(frames)).containsExactly("failOuter", "failInner");
          assertThat(failed.stack(1)).as("the oldest").containsExactly(frames.getFirst());
          assertThat(methods(failed.stack(1))).containsExactly("failOuter");
          assertThat(ended.stack()).isEmpty();
          assertThat(cancelled.stack()).isEmpty();

          failed.exception();
          future.setResult("");
          await(suspended);
          assertThat(suspended.stack()).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("TASK-63")
  void printedStackHasAHeadingAndTheExceptionsLine(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> suspended = createTask(() -> outer(future), TaskOptions.named("suspended"));
          Task<?> failed = createTask(TaskStackTest::failOuter, TaskOptions.named("failed"));
          Task<?> ended = createTask(() -> "done", TaskOptions.named("ended"));
          sleep(seconds(0));

          String[] stack = printed(suspended, Integer.MAX_VALUE).split("\n");
          assertThat(stack[0]).startsWith("Stack for <Task pending name='suspended'");
          assertThat(stack).hasSize(1 + suspended.stack().size());
          assertThat(stack[stack.length - 1]).contains("TaskStackTest.inner(TaskStackTest.java:");
          assertThat(printed(suspended, 1).lines()).hasSize(2);

          String[] traceback = printed(failed, Integer.MAX_VALUE).split("\n");
          assertThat(traceback[0])
              .startsWith("Traceback for <Task finished")
              .contains("name='failed'");
          assertThat(traceback[1]).contains("failOuter");
          assertThat(traceback[2]).contains("failInner");
          assertThat(traceback[3]).isEqualTo("java.lang.IllegalArgumentException: the reason");

          assertThat(printed(ended, Integer.MAX_VALUE))
              .startsWith("No stack for <Task finished")
              .hasLineCount(1);
          failed.exception();
          suspended.cancel();
          try {
            await(suspended);
          } catch (CancelledError e) {
            assertThat(printed(suspended, Integer.MAX_VALUE))
                .startsWith("No stack for <Task cancelled");
          }
        });
  }
}
