package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Instrument;
import asyncio.Task;
import asyncio.TaskOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** FUT: awaiting futures, and their text forms. */
class FutureAwaitTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec("FUT-21")
  void awaitingADoneFutureDoesNotSuspend(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.addInstrument(
              new Instrument() {
                @Override
                public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
                  trail.add("suspended");
                }
              });
          loop.runUntilComplete(() -> {
            loop.callSoon(() -> trail.add("other"));
            Future<String> done = new Future<>();
            done.setResult("there");
            Future<String> failed = new Future<>();
            failed.setException(new IllegalStateException());
            for (int i = 0; i < 3; i++) {
              trail.add(await(done));
            }
            assertThatThrownBy(() -> await(failed)).isInstanceOf(IllegalStateException.class);
            trail.add("end of the step");
          });
          assertThat(trail).containsExactly("there", "there", "there", "end of the step", "other");
        });
  }

  @EachEngine
  @Spec({"FUT-22", "FUT-23"})
  void completionResumesAllWaitersOneHopLaterInTheirOrder(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Integer> iterations = new ArrayList<>();
          int[] iteration = new int[1];
          loop.addInstrument(
              new Instrument() {
                @Override
                public void iterationBegun(EventLoop of) {
                  iteration[0]++;
                }
              });
          Future<String> future = loop.createFuture();
          List<Task<String>> tasks = new ArrayList<>();
          for (int i = 1; i <= 4; i++) {
            String name = "task " + i;
            tasks.add(
                loop.createTask(() -> {
                  String result = await(future);
                  trail.add(name);
                  iterations.add(iteration[0]);
                  return result + await(future); // any number of times
                }));
          }
          future.addDoneCallback(_ -> trail.add("callback added before the waits"));
          runOnce(loop);
          future.addDoneCallback(_ -> trail.add("callback added after the waits"));
          loop.callSoon(() -> {
            future.setResult("x");
            trail.add("completed");
          });
          loop.callSoon(() -> trail.add("same iteration as the completion"));
          runOnce(loop);
          assertThat(trail).containsExactly("completed", "same iteration as the completion");
          runOnce(loop);

          assertThat(trail.subList(2, trail.size()))
              .containsExactly(
                  "callback added before the waits",
                  "task 1",
                  "task 2",
                  "task 3",
                  "task 4",
                  "callback added after the waits");
          assertThat(iterations).containsOnly(3);
          assertThat(tasks).allSatisfy(task -> assertThat(task.result()).isEqualTo("xx"));
        });
  }

  @EachEngine
  @Spec({"FUT-23", "FUT-24"})
  void allAwaitersGetTheSameExceptionWhoseTraceDoesNotGrow(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var failure = new IllegalStateException();
          StackTraceElement[] trace = failure.getStackTrace();
          var checked = new IOException();
          StackTraceElement[] checkedTrace = checked.getStackTrace();
          Future<String> future = loop.createFuture();
          Future<String> other = loop.createFuture();
          List<Throwable> caught = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            loop.createTask(() -> {
              for (int j = 0; j < 5; j++) {
                try {
                  await(future);
                } catch (IllegalStateException e) {
                  caught.add(e);
                }
                assertThatThrownBy(() -> await(other)).hasCause(checked);
              }
            });
          }
          runOnce(loop);
          future.setException(failure);
          other.setException(checked);
          runOnce(loop);

          assertThat(caught).hasSize(15).allMatch(each -> each == failure);
          assertThat(failure.getStackTrace()).isEqualTo(trace);
          assertThat(failure.getSuppressed()).isEmpty();
          assertThat(failure.getCause()).isNull();
          assertThat(checked.getStackTrace()).isEqualTo(checkedTrace);
          assertThat(checked.getSuppressed()).isEmpty();
        });
  }

  // ---- text

  /** A callback with a name. */
  private record Named(String name) implements java.util.function.Consumer<Future<String>> {
    @Override
    public void accept(Future<String> future) {}
  }

  @EachEngine
  @Spec("FUT-28")
  void textNamesTypeStateOutcomeAndCallbacks(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(false);
          Future<String> future = loop.createFuture();
          String callback = Named.class.getName() + "()";
          String lambda = FutureAwaitTest.class.getName() + ".lambda()";
          assertThat(future).hasToString("<Future pending>");
          future.addDoneCallback(_ -> {});
          assertThat(future).hasToString("<Future pending cb=[" + lambda + "]>");
          future.addDoneCallback(new Named("second"));
          assertThat(future).hasToString("<Future pending cb=[" + lambda + ", " + callback + "]>");
          future.addDoneCallback(_ -> {});
          future.addDoneCallback(new Named("fourth"));
          assertThat(future)
              .hasToString("<Future pending cb=[" + lambda + ", <2 more>, " + callback + "]>");
          future.setResult("value");
          assertThat(future).hasToString("<Future finished result=value>");

          Future<String> big = loop.createFuture();
          big.setResult("x".repeat(100_000));
          assertThat(big.toString())
              .startsWith("<Future finished result=xxx")
              .endsWith("...>")
              .hasSizeLessThan(300);
          Future<String> failed = loop.createFuture();
          failed.setException(new IllegalStateException("why"));
          assertThat(failed)
              .hasToString("<Future finished exception=java.lang.IllegalStateException: why>");
          failed.exception();
          Future<String> cancelled = loop.createFuture();
          cancelled.cancel();
          assertThat(cancelled).hasToString("<Future cancelled>");
          assertThat(new OwnKind(loop)).hasToString("<OwnKind pending>");
        });
  }

  private static final class OwnKind extends Future<String> {
    OwnKind(EventLoop loop) {
      super(loop);
    }
  }

  @EachEngine
  void textOfALongChainEnds(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Future<Object> chain = loop.createFuture();
          for (int i = 0; i < 10_000; i++) {
            Future<Object> next = loop.createFuture();
            next.setResult(chain);
            chain = next;
          }
          assertThat(chain.toString())
              .startsWith("<Future finished result=<Future")
              .hasSizeLessThan(1_000);
        });
  }

  @EachEngine
  @Spec("FUT-29")
  void textOfACircleEnds(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(false);
          Future<Object> one = loop.createFuture();
          Future<Object> two = loop.createFuture();
          Future<Object> itself = loop.createFuture();
          one.setResult(two);
          two.setResult(List.of(one, itself));
          itself.setResult(itself);
          assertThat(itself).hasToString("<Future finished result=<Future ...>>");
          assertThat(one.toString())
              .startsWith("<Future finished result=<Future finished result=[<Future ...>");

          // Tasks that wait for one another.
          List<Task<?>> tasks = new ArrayList<>();
          for (int i = 0; i < 2; i++) {
            int next = 1 - i;
            tasks.add(loop.createTask(() -> await(tasks.get(next)), TaskOptions.named("t" + i)));
          }
          runOnce(loop);
          assertThat(tasks.get(0).toString()).contains("name='t0'", "name='t1'", "...");
          tasks.get(0).cancel();
          Loops.stopAfter(loop, 10);
          loop.runForever();
        });
  }
}
