package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.captureCallGraph;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.futureAddToAwaitedBy;
import static asyncio.Asyncio.futureDiscardFromAwaitedBy;
import static asyncio.Asyncio.gather;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.shield;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CallGraph;
import asyncio.Engine;
import asyncio.Future;
import asyncio.Task;
import asyncio.TaskOptions;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who waits for whom, and where. */
class CallGraphTest {

  /** The methods of a stack, without the names that the compiler makes up. */
  private static List<String> methods(CallGraph graph) {
    return graph.callStack().stream()
        .map(StackTraceElement::getMethodName)
        .filter(name -> !name.startsWith("lambda$"))
        .toList();
  }

  /** The names of the tasks that wait, each with those that wait for it: {@code [a[b], c]}. */
  private static String awaiters(CallGraph graph) {
    List<String> names = new ArrayList<>();
    for (CallGraph awaiter : graph.awaitedBy()) {
      String name = awaiter.future() instanceof Task<?> task ? task.name() : "future";
      names.add(name + (awaiter.awaitedBy().isEmpty() ? "" : awaiters(awaiter)));
    }
    return names.toString();
  }

  private static TaskOptions named(String name) {
    return TaskOptions.named(name);
  }

  private static void waitFor(Future<?> future) {
    await(future);
  }

  private static void outerWait(Future<?> future) {
    waitFor(future);
  }

  private static CallGraph captureHere() {
    return captureCallGraph();
  }

  private static CallGraph captureBelow() {
    return captureHere();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"GRAPH-1", "GRAPH-6", "GRAPH-7", "GRAPH-10"})
  void recordOfAFutureHasItsAwaiters(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Task<?> one = createTask(() -> waitFor(future), named("one"));
          Task<?> two = createTask(() -> outerWait(future), named("two"));
          Task<?> three = createTask(() -> waitFor(two), named("three"));
          assertThat(captureCallGraph(future).awaitedBy()).as("nobody waits yet").isEmpty();
          sleep(seconds(0));

          CallGraph graph = captureCallGraph(future);
          assertThat(graph.future()).isSameAs(future);
          assertThat(graph.callStack()).isEmpty();
          assertThat(awaiters(graph)).isEqualTo("[one, two[three]]");
          CallGraph ofTwo = graph.awaitedBy().get(1);
          assertThat(ofTwo.future()).isSameAs(two);
          assertThat(methods(ofTwo)).as("innermost first").containsExactly("waitFor", "outerWait");
          assertThat(methods(ofTwo.awaitedBy().getFirst())).containsExactly("waitFor");

          future.setResult("");
          assertThat(awaiters(captureCallGraph(future)))
              .as("until the resumption")
              .isEqualTo("[one, two[three]]");
          sleep(seconds(0));
          assertThat(captureCallGraph(future).awaitedBy()).isEmpty();
          assertThat(one.isDone()).isTrue();
          assertThat(awaiters(captureCallGraph(two))).isEqualTo("[three]");
          assertThat(captureCallGraph(two).callStack()).isEmpty();
          await(three);
          assertThat(captureCallGraph(two).awaitedBy()).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"GRAPH-1", "GRAPH-2", "GRAPH-5"})
  void recordOfTheCurrentTaskHasItsLiveStack(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<CallGraph> taken = new ArrayList<>();
          Task<?> inner =
              createTask(
                  () -> {
                    sleep(seconds(0));
                    taken.add(captureBelow());
                    taken.add(captureCallGraph(currentTask()));
                  },
                  named("inner"));
          Task<?> outer = createTask(() -> waitFor(inner), named("outer"));
          loop.callSoon(() -> taken.add(captureCallGraph()));
          await(outer);

          assertThat(taken.getFirst()).as("in a callback").isNull();
          CallGraph graph = taken.get(1);
          assertThat(graph.future()).isSameAs(inner);
          assertThat(methods(graph)).containsExactly("captureHere", "captureBelow");
          assertThat(graph.callStack())
              .as("no frames of the loop")
              .allMatch(frame -> frame.getClassName().startsWith("asyncio.conformance."));
          assertThat(graph.callStack().getLast().getMethodName()).startsWith("lambda$record");
          assertThat(awaiters(graph)).startsWith("[outer[");
          assertThat(methods(graph.awaitedBy().getFirst())).containsExactly("waitFor");
          assertThat(taken.get(2).callStack()).hasSize(1);
          assertThat(taken.get(2).callStack().getFirst().getMethodName())
              .startsWith("lambda$record");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"GRAPH-3", "GRAPH-4"})
  void withoutALoopAFutureMustBeGiven(Engine engine) {
    assertThatThrownBy(() -> captureCallGraph())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop");
    var loop = new ClockLoop(engine);
    Future<String> future = loop.createFuture();
    Task<?> task = loop.createTask(() -> waitFor(future), named("waiter"));
    loop.runUntilComplete(() -> sleep(seconds(0)));
    assertThat(awaiters(captureCallGraph(future))).isEqualTo("[waiter]");
    assertThat(methods(captureCallGraph(task))).containsExactly("waitFor");
    future.setResult("");
    loop.runUntilComplete(task);
    loop.close();

    assertThatThrownBy(() -> captureCallGraph(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("future");
    Snippet.rejects("captureCallGraph(\"text\");");
    Snippet.rejects("captureCallGraph(new java.util.concurrent.CompletableFuture<String>());");
  }

  private static CallGraph captureDeep(int level, int depth, int limit) {
    return level == 0
        ? captureCallGraph(null, depth, limit)
        : captureDeep1(level - 1, depth, limit);
  }

  private static CallGraph captureDeep1(int level, int depth, int limit) {
    return captureDeep(level, depth, limit);
  }

  private static List<String> methodNames(CallGraph graph) {
    return graph.callStack().stream().map(StackTraceElement::getMethodName).toList();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-8")
  void depthSkipsTheInnermostFramesOfTheCurrentTask(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> all = methodNames(captureDeep(1, 0, CallGraph.ALL));
          assertThat(all)
              .startsWith("captureCallGraph", "captureDeep", "captureDeep1", "captureDeep");
          for (int depth = 1; depth < all.size() + 2; depth++) {
            assertThat(methodNames(captureDeep(1, depth, CallGraph.ALL)))
                .isEqualTo(all.subList(Math.min(depth, all.size()), all.size()));
          }
          assertThat(captureDeep(1, 1, CallGraph.ALL).callStack())
              .as("the default")
              .hasSameSizeAs(captureDeep(1, 1, Integer.MAX_VALUE).callStack());
          assertThatThrownBy(() -> captureCallGraph(null, -1, CallGraph.ALL))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("depth");

          Future<String> future = loop.createFuture();
          Task<?> task = createTask(() -> outerWait(future));
          sleep(seconds(0));
          assertThat(methods(captureCallGraph(task, 3, CallGraph.ALL)))
              .as("not of another task")
              .containsExactly("waitFor", "outerWait");
          future.setResult("");
          await(task);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-9")
  void limitKeepsTheOutermostOrTheInnermostEntries(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> all = methodNames(captureDeep(2, 1, CallGraph.ALL));
          int size = all.size();
          assertThat(size).isGreaterThan(4);
          assertThat(methodNames(captureDeep(2, 1, 2))).isEqualTo(all.subList(size - 2, size));
          assertThat(methodNames(captureDeep(2, 1, -2))).isEqualTo(all.subList(0, 2));
          assertThat(methodNames(captureDeep(2, 1, 0))).isEmpty();
          assertThat(methodNames(captureDeep(2, 1, 100))).isEqualTo(all);
          assertThat(methodNames(captureDeep(2, 1, -100))).isEqualTo(all);
          assertThat(methodNames(captureDeep(2, 1, Integer.MIN_VALUE))).isEqualTo(all);

          Future<String> future = loop.createFuture();
          Task<?> task = createTask(() -> outerWait(future));
          sleep(seconds(0));
          List<String> suspended = methodNames(captureCallGraph(task));
          assertThat(suspended).startsWith("waitFor", "outerWait");
          CallGraph outermost = captureCallGraph(future, 1, 1).awaitedBy().getFirst();
          assertThat(methodNames(outermost))
              .as("of every stack")
              .containsExactly(suspended.getLast());
          CallGraph innermost = captureCallGraph(future, 1, -1).awaitedBy().getFirst();
          assertThat(methodNames(innermost)).containsExactly("waitFor");
          assertThat(captureCallGraph(future, 1, 0).awaitedBy().getFirst().callStack()).isEmpty();
          future.setResult("");
          await(task);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-11")
  void membersOfCombinatorsShowTheCaller(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> end = loop.createFuture();
          Task<?> gathered = createTask(() -> waitFor(end), named("gathered"));
          Task<?> waited = createTask(() -> waitFor(end), named("waited"));
          Task<?> shielded = createTask(() -> waitFor(end), named("shielded"));
          List<Task<?>> grouped = new ArrayList<>();
          List<Task<?>> callers =
              List.of(
                  createTask(() -> await(gather(gathered)), named("gatherer")),
                  createTask(() -> Asyncio.wait(List.of(waited)), named("watcher")),
                  createTask(() -> await(shield(shielded)), named("shielder")),
                  createTask(
                      () ->
                          taskGroup(group ->
                              grouped.add(group.createTask(() -> waitFor(end), named("member")))),
                      named("parent")));
          sleep(seconds(0));
          sleep(seconds(0));
          assertThat(awaiters(captureCallGraph(gathered))).isEqualTo("[gatherer]");
          assertThat(awaiters(captureCallGraph(waited))).isEqualTo("[watcher]");
          assertThat(awaiters(captureCallGraph(shielded))).isEqualTo("[shielder]");
          assertThat(awaiters(captureCallGraph(grouped.getFirst()))).isEqualTo("[parent]");
          assertThat(awaiters(captureCallGraph(end)))
              .isEqualTo(
                  "[gathered[gatherer], waited[watcher], shielded[shielder], member[parent]]");
          end.setResult("");
          for (Task<?> caller : callers) {
            await(caller);
          }
          for (Task<?> member : List.of(gathered, waited, shielded, grouped.getFirst())) {
            assertThat(captureCallGraph(member).awaitedBy()).isEmpty();
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-12")
  void timeoutScopeDoesNotInterruptTheChain(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> end = loop.createFuture();
          Task<?> inner = createTask(() -> waitFor(end), named("inner"));
          Task<?> outer =
              createTask(
                  () -> timeout(seconds(5), () -> timeout(seconds(3), () -> waitFor(inner))),
                  named("outer"));
          sleep(seconds(0));
          assertThat(awaiters(captureCallGraph(end))).isEqualTo("[inner[outer]]");
          end.setResult("");
          await(outer);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-14")
  void taskReachedOverTwoPathsAppearsUnderEach(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> end = loop.createFuture();
          Task<?> left = createTask(() -> waitFor(end), named("left"));
          Task<?> right = createTask(() -> waitFor(end), named("right"));
          Task<?> top = createTask(() -> await(gather(left, right)), named("top"));
          sleep(seconds(0));
          CallGraph graph = captureCallGraph(end);
          assertThat(awaiters(graph)).isEqualTo("[left[top], right[top]]");
          for (CallGraph path : graph.awaitedBy()) {
            assertThat(path.awaitedBy().getFirst().future()).isSameAs(top);
          }
          end.setResult("");
          await(top);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-14")
  void circleEndsWhereItCloses(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<Task<?>> tasks = new ArrayList<>();
          tasks.add(createTask(() -> await(tasks.get(1)), named("a")));
          tasks.add(createTask(() -> await(tasks.get(0)), named("b")));
          sleep(seconds(0));
          assertThat(awaiters(captureCallGraph(tasks.getFirst()))).isEqualTo("[b[a]]");
          tasks.getFirst().cancel();
          sleep(seconds(0));
          sleep(seconds(0));
          assertThat(tasks).allMatch(Task::isDone);
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-10")
  void longChainIsCaptured(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> end = loop.createFuture();
          List<Future<?>> chain = new ArrayList<>();
          chain.add(end);
          int length = 2_000;
          for (int i = 0; i < length; i++) {
            Future<?> last = chain.getLast();
            chain.add(createTask(() -> await(last)));
          }
          sleep(seconds(0));
          int found = 0;
          for (CallGraph at = captureCallGraph(end, 1, 0);
              !at.awaitedBy().isEmpty();
              at = at.awaitedBy().getFirst()) {
            found++;
          }
          assertThat(found).isEqualTo(length);
          end.setResult("");
          await(chain.getLast());
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-17")
  void combinatorsOfOthersCanRecordTheRelation(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          Future<String> helper = loop.createFuture();
          futureDiscardFromAwaitedBy(future, currentTask());
          futureAddToAwaitedBy(future, helper);
          futureAddToAwaitedBy(future, helper);
          futureAddToAwaitedBy(helper, future);
          assertThat(awaiters(captureCallGraph(future))).isEqualTo("[future[future]]");
          futureDiscardFromAwaitedBy(helper, future);
          futureDiscardFromAwaitedBy(future, helper);
          futureDiscardFromAwaitedBy(future, helper);
          assertThat(captureCallGraph(future).awaitedBy()).isEmpty();

          var foreign = new CompletableFuture<String>();
          futureAddToAwaitedBy(future, foreign);
          futureAddToAwaitedBy(foreign, future);
          futureDiscardFromAwaitedBy(foreign, future);
          futureDiscardFromAwaitedBy(future, foreign);
          assertThat(captureCallGraph(future).awaitedBy()).isEmpty();
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("GRAPH-18")
  void endedRelationKeepsNothingAlive(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          WeakReference<?> recorded = recordAndDiscard(future);
          List<WeakReference<Task<?>>> waiters = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            waiters.add(new WeakReference<>(createTask(() -> waitFor(future))));
          }
          sleep(seconds(0));
          assertThat(captureCallGraph(future).awaitedBy()).hasSize(3);
          future.setResult("");
          sleep(seconds(0));
          sleep(seconds(0));
          assertCleared(recorded);
          waiters.forEach(CallGraphTest::assertCleared);
          assertThat(captureCallGraph(future).awaitedBy()).isEmpty();
        });
  }

  private static WeakReference<?> recordAndDiscard(Future<?> future) {
    var waiter = new Future<String>(future.loop());
    futureAddToAwaitedBy(future, waiter);
    futureDiscardFromAwaitedBy(future, waiter);
    return new WeakReference<>(waiter);
  }

  private static void assertCleared(WeakReference<?> reference) {
    for (int i = 0; i < 100 && reference.get() != null; i++) {
      System.gc();
    }
    assertThat(reference.get()).isNull();
  }
}
