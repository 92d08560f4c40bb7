package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.copyContext;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.runCoroutineThreadsafe;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Engine;
import asyncio.Future;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contexts, their variables, and which context code runs in. */
class ContextTest {
  private final ContextVar<String> variable = new ContextVar<>("variable", "none");

  @Test
  @Spec("CTX-1")
  void variablesHaveDefaultsAndTokens() {
    var bare = new ContextVar<String>("bare");
    assertThat(bare.name()).isEqualTo("bare");
    new Context()
        .run(() -> {
          assertThatThrownBy(bare::get)
              .isInstanceOf(NoSuchElementException.class)
              .hasMessageContaining("bare");
          assertThat(bare.get("fallback")).isEqualTo("fallback");
          assertThat(variable.get()).isEqualTo("none");
          assertThat(variable.get("fallback")).isEqualTo("fallback");
          ContextVar.Token<String> first = variable.set("one");
          ContextVar.Token<String> second = variable.set("two");
          assertThat(first.variable()).isSameAs(variable);
          assertThat(first.oldValue()).isNull();
          assertThat(second.oldValue()).isEqualTo("one");
          assertThat(variable.get()).isEqualTo("two");
          variable.reset(second);
          assertThat(variable.get()).isEqualTo("one");
          variable.reset(first);
          assertThat(variable.get()).isEqualTo("none");
          assertThatThrownBy(() -> variable.reset(first)).isInstanceOf(IllegalStateException.class);
          assertThatThrownBy(() -> variable.reset(new ContextVar<String>("other").set("")))
              .isInstanceOf(IllegalArgumentException.class);
          ContextVar.Token<String> third = variable.set("three");
          copyContext()
              .run(() ->
                  assertThatThrownBy(() -> variable.reset(third))
                      .isInstanceOf(IllegalArgumentException.class)
                      .hasMessageContaining("another context"));
        });
  }

  @Test
  @Spec("CTX-1")
  void copyIsASnapshot() {
    var context = new Context();
    context.run(() -> variable.set("one"));
    Context copy = context.copy();
    copy.run(() -> variable.set("in the copy"));
    assertThat(context.get(variable)).isEqualTo("one");
    context.run(() -> variable.set("two"));
    assertThat(copy.get(variable)).isEqualTo("in the copy");
    assertThat(context.get(variable)).isEqualTo("two");
    assertThat(context.contains(variable)).isTrue();
    assertThat(context.asMap()).hasSize(1).containsEntry(variable, "two");
    assertThat(new Context().get(variable)).isNull();
  }

  @Test
  @Spec("CTX-2")
  void contextIsCurrentForTheDurationOfARun() throws Exception {
    var context = new Context();
    var other = new Context();
    String before = variable.get();
    String result =
        context.run(() -> {
          variable.set("inside");
          assertThatThrownBy(() -> context.run(() -> {}))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("already entered");
          other.run(() -> {
            assertThat(variable.get()).isEqualTo("none");
            assertThatThrownBy(() -> context.run(() -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already entered");
          });
          return "result " + variable.get();
        });
    assertThat(result).isEqualTo("result inside");
    assertThat(variable.get()).isEqualTo(before);
    context.run(() -> assertThat(variable.get()).isEqualTo("inside"));
    assertThatThrownBy(() ->
            context.run(() -> {
              throw new IllegalArgumentException("passes");
            }))
        .hasMessage("passes");
    context.run(() -> {});
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-2")
  void contextOfATaskOrCallbackIsEnteredWhileItRuns(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Context own = currentTask().context();
          assertThatThrownBy(() -> own.run(() -> {})).isInstanceOf(IllegalStateException.class);
          new Context()
              .run(() -> {
                variable.set("elsewhere");
                assertThatThrownBy(() -> own.run(() -> {}))
                    .isInstanceOf(IllegalStateException.class);
              });
          assertThat(variable.get()).isEqualTo("none");
          own.copy().run(() -> {});
          var given = new Context();
          List<Throwable> thrown = new ArrayList<>();
          loop.callSoon(
              given,
              () -> {
                try {
                  given.run(() -> {});
                } catch (IllegalStateException e) {
                  thrown.add(e);
                }
              });
          sleep(seconds(0));
          assertThat(thrown).hasSize(1);
          given.run(() -> {});
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"CTX-3", "CTX-4"})
  void callbacksRunInACopyOfTheCallersContext(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.runUntilComplete(() -> {
      List<String> seen = new ArrayList<>();
      variable.set("creator");
      Runnable callback =
          () -> {
            seen.add(variable.get());
            variable.set("changed by a callback");
            seen.add(variable.get());
          };
      loop.callSoon(callback);
      loop.callSoon(callback);
      loop.callLater(seconds(0), callback);
      loop.callAt(loop.time(), callback);
      loop.callSoonThreadsafe(callback);
      variable.set("too late");
      sleep(seconds(0));
      sleep(seconds(0));
      sleep(seconds(0.001));
      assertThat(seen)
          .containsExactly(
              "creator",
              "changed by a callback",
              "creator",
              "changed by a callback",
              "creator",
              "changed by a callback",
              "creator",
              "changed by a callback",
              "creator",
              "changed by a callback");
      assertThat(variable.get()).isEqualTo("too late");

      CompletableFuture<String> fromThread = new CompletableFuture<>();
      Future<String> done = loop.createFuture();
      var thread =
          new Thread(() -> {
            variable.set("of the thread");
            loop.callSoonThreadsafe(() -> done.setResult(variable.get()));
            fromThread.complete(variable.get());
          });
      thread.start();
      assertThat(await(done)).isEqualTo("of the thread");
      assertThat(fromThread.get(10, TimeUnit.SECONDS)).isEqualTo("of the thread");
    });
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"CTX-5", "CTX-6"})
  void explicitContextIsUsedItself(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          var context = new Context();
          context.run(() -> variable.set(""));
          Future<String> future = loop.createFuture();
          loop.callSoon(context, () -> variable.set(variable.get() + "soon "));
          loop.callLater(seconds(1), context, () -> variable.set(variable.get() + "later "));
          loop.callAt(
              loop.time() + 2_000_000_000L, context, () -> variable.set(variable.get() + "at "));
          loop.callSoonThreadsafe(context, () -> variable.set(variable.get() + "threadsafe "));
          future.addDoneCallback(context, _ -> variable.set(variable.get() + "done"));
          sleep(seconds(3));
          future.setResult("");
          sleep(seconds(0));
          assertThat(context.get(variable)).isEqualTo("soon threadsafe later at done");
          assertThat(variable.get()).isEqualTo("none");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-6")
  void doneCallbackRunsInACopyFromItsRegistration(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          List<String> seen = new ArrayList<>();
          Future<String> pending = loop.createFuture();
          Future<String> done = loop.createFuture();
          done.setResult("");
          variable.set("at registration");
          for (Future<String> future : List.of(pending, done)) {
            future.addDoneCallback(_ -> {
              seen.add(variable.get());
              variable.set("changed");
            });
          }
          variable.set("at completion");
          pending.setResult("");
          sleep(seconds(0));
          assertThat(seen).containsExactly("at registration", "at registration");
          assertThat(variable.get()).isEqualTo("at completion");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec({"CTX-7", "CTX-8"})
  void taskRunsInOneCopyMadeAtItsCreation(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> seen = new ArrayList<>();
          variable.set("at creation");
          Task<?> task =
              createTask(() -> {
                seen.add(variable.get());
                for (int i = 0; i < 2; i++) {
                  variable.set("step " + i);
                  sleep(seconds(0));
                  seen.add(variable.get());
                }
              });
          variable.set("after creation");
          sleep(seconds(0));
          variable.set("later");
          await(task);
          assertThat(seen).containsExactly("at creation", "step 0", "step 1");
          assertThat(variable.get()).isEqualTo("later");
          assertThat(task.context().get(variable)).isEqualTo("step 1");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-9")
  void tasksMayShareAContext(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var context = new Context();
          context.run(() -> variable.set("owner"));
          List<String> seen = new ArrayList<>();
          var options = TaskOptions.DEFAULT.withContext(context);
          Task<?> first =
              createTask(
                  () -> {
                    seen.add("first: " + variable.get());
                    variable.set("first");
                    sleep(seconds(0));
                    seen.add("first: " + variable.get());
                  },
                  options);
          Task<?> second =
              createTask(
                  () -> {
                    seen.add("second: " + variable.get());
                    variable.set("second");
                  },
                  options);
          await(first);
          await(second);
          assertThat(seen).containsExactly("first: owner", "second: first", "first: second");
          assertThat(context.get(variable)).isEqualTo("second");
          assertThat(variable.get()).isEqualTo("none");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-10")
  void suspendingDoesNotChangeTheContext(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          Future<String> future = loop.createFuture();
          List<String> seen = new ArrayList<>();
          Task<?> task =
              createTask(() -> {
                variable.set("task");
                await(future);
                seen.add(variable.get());
                sleep(seconds(1));
                seen.add(variable.get());
                await(createTask(() -> variable.set("inner")));
                seen.add(variable.get());
                await(() -> {
                  variable.set("plain coroutine");
                  return null;
                });
                seen.add(variable.get());
              });
          sleep(seconds(0));
          variable.set("completer");
          future.setResult("");
          await(task);
          assertThat(seen).containsExactly("task", "task", "task", "plain coroutine");
          assertThat(variable.get()).isEqualTo("completer");
        });
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-11")
  void contextGoesAlongToAThreadButNotToAnExecutor(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.runUntilComplete(() -> {
      variable.set("caller");
      String inThread =
          toThread(() -> {
            String seen = variable.get();
            variable.set("changed there");
            return seen;
          });
      assertThat(inThread).isEqualTo("caller");
      assertThat(variable.get()).isEqualTo("caller");
      assertThat(await(loop.runInExecutor(null, () -> variable.get()))).isEqualTo("none");
      loop.shutdownDefaultExecutor();
    });
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-12")
  void coroutineSubmittedFromAThreadHasTheContextOfThatThread(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.runUntilComplete(() -> {
      variable.set("loop");
      Future<String> done = loop.createFuture();
      var thread =
          new Thread(() -> {
            variable.set("thread");
            runCoroutineThreadsafe(
                () -> {
                  done.setResult(variable.get());
                  return null;
                },
                loop);
          });
      thread.start();
      assertThat(await(done)).isEqualTo("thread");
    });
    loop.close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-13")
  void settingsInVariablesStaySeparatePerTask(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          var precision = new ContextVar<Integer>("precision", 28);
          List<Task<String>> tasks = new ArrayList<>();
          for (int digits : new int[] {2, 5, 9}) {
            tasks.add(
                createTask(() -> {
                  precision.set(digits);
                  String text = third(precision);
                  sleep(seconds(0));
                  return text + " " + third(precision);
                }));
          }
          List<String> texts = new ArrayList<>();
          for (Task<String> task : tasks) {
            texts.add(await(task));
          }
          assertThat(texts)
              .containsExactly("0.33 0.33", "0.33333 0.33333", "0.333333333 0.333333333");
          assertThat(precision.get()).isEqualTo(28);
        });
  }

  private static String third(ContextVar<Integer> precision) {
    return java.math.BigDecimal.ONE
        .divide(java.math.BigDecimal.valueOf(3), new java.math.MathContext(precision.get()))
        .toString();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  @Spec("CTX-14")
  void newThreadStartsWithAnEmptyContextOfItsOwn(Engine engine) {
    var loop = LoopKind.preferred().newLoop(engine);
    loop.runUntilComplete(() -> {
      variable.set("of the task");
      var seen = new ConcurrentLinkedQueue<String>();
      Runnable inThread =
          () -> {
            seen.add(variable.get());
            variable.set("of the thread");
            seen.add(variable.get());
            seen.add("" + copyContext().get(variable));
          };
      for (Thread.Builder builder : List.of(Thread.ofPlatform(), Thread.ofVirtual())) {
        Future<String> ended = loop.createFuture();
        builder.start(() -> {
          inThread.run();
          loop.callSoonThreadsafe(() -> ended.setResult(""));
        });
        await(ended);
      }
      assertThat(seen)
          .containsExactly(
              "none", "of the thread", "of the thread", "none", "of the thread", "of the thread");
      assertThat(variable.get()).isEqualTo("of the task");
    });
    loop.close();
  }
}
