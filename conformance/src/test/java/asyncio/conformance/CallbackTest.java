package asyncio.conformance;

import static asyncio.conformance.Loops.collectReports;
import static asyncio.conformance.Loops.onOtherThread;
import static asyncio.conformance.Loops.runOnce;
import static asyncio.conformance.Loops.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Context;
import asyncio.ContextVar;
import asyncio.Coroutine;
import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Handle;
import asyncio.TimerHandle;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** CB: callbacks and their handles. */
class CallbackTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec("CB-1")
  void callbacksRunInOrderOfRegistrationOnceEach(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<String> expected = new ArrayList<>();
          for (int i = 0; i < 200; i++) { // more than the queue holds at first
            String name = "callback " + i;
            expected.add(name);
            loop.callSoon(() -> trail.add(name));
          }
          runOnce(loop);
          runOnce(loop);
          assertThat(trail).isEqualTo(expected);
        });
  }

  @EachEngine
  @Spec("CB-1")
  void threadsafeRegistrationsBeforeARunKeepTheirPlace(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoonThreadsafe(() -> trail.add("1"));
          loop.callSoon(() -> trail.add("2"));
          onOtherThread(() -> loop.callSoonThreadsafe(() -> trail.add("3")));
          loop.createTask(() -> trail.add("4"));
          loop.callSoonThreadsafe(() -> trail.add("5"));
          runOnce(loop);
          assertThat(trail).containsExactly("1", "2", "3", "4", "5");
        });
  }

  @EachEngine
  @Spec("CB-3")
  void sameCallableTwiceIsTwoCalls(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Runnable callback = () -> trail.add("called");
          Handle first = loop.callSoon(callback);
          Handle second = loop.callSoon(callback);
          Handle third = loop.callSoon(callback);
          assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
          second.cancel();
          runOnce(loop);

          assertThat(trail).containsExactly("called", "called");
          assertThat(first.isCancelled()).isFalse();
        });
  }

  @EachEngine
  @Spec("CB-4")
  void schedulingGivesHandlesAndTimersGiveTimerHandles(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Object soon = loop.callSoon(() -> {});
          Object threadsafe = loop.callSoonThreadsafe(() -> {});
          Object later = loop.callLater(Duration.ZERO, () -> {});
          Object at = loop.callAt(0, () -> {});

          assertThat(soon).isInstanceOf(Handle.class).isNotInstanceOf(TimerHandle.class);
          assertThat(threadsafe).isInstanceOf(Handle.class).isNotInstanceOf(TimerHandle.class);
          assertThat(later).isInstanceOf(TimerHandle.class).isInstanceOf(Handle.class);
          assertThat(at).isInstanceOf(TimerHandle.class);
        });
  }

  @EachEngine
  @Spec("CB-10")
  void cancelledHandleIsNotCalled(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Handle> handles = new ArrayList<>();
          handles.add(loop.callSoon(() -> trail.add("soon")));
          handles.add(loop.callSoonThreadsafe(() -> trail.add("threadsafe")));
          onOtherThread(
              () -> handles.add(loop.callSoonThreadsafe(() -> trail.add("from another thread"))));
          handles.add(loop.callLater(Duration.ZERO, () -> trail.add("later")));
          assertThat(handles).noneMatch(Handle::isCancelled);
          handles.forEach(Handle::cancel);
          assertThat(handles).allMatch(Handle::isCancelled);
          runOnce(loop);

          assertThat(trail).isEmpty();
          assertThat(handles).allMatch(Handle::isCancelled);
        });
  }

  @EachEngine
  @Spec("CB-11")
  void cancelDuringAndAfterTheCallOnlySetsTheFlag(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          Handle[] self = new Handle[1];
          self[0] =
              loop.callSoon(() -> {
                trail.add("begins");
                self[0].cancel();
                self[0].cancel();
                trail.add("ends, cancelled: " + self[0].isCancelled());
              });
          Handle after = loop.callSoon(() -> trail.add("second"));
          TimerHandle timer = loop.callLater(Duration.ZERO, () -> trail.add("timer"));
          runOnce(loop);
          after.cancel();
          timer.cancel();
          timer.cancel();
          runOnce(loop);

          assertThat(trail).containsExactly("begins", "ends, cancelled: true", "second", "timer");
          assertThat(after.isCancelled()).isTrue();
          assertThat(timer.isCancelled()).isTrue();
        });
  }

  @EachEngine
  @Spec("CB-12")
  void handleCancelledEarlierInItsIterationIsSkipped(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          List<Handle> later = new ArrayList<>();
          loop.callSoon(() -> {
            later.forEach(Handle::cancel);
            trail.add("cancels");
          });
          later.add(loop.callSoon(() -> trail.add("soon")));
          later.add(loop.callSoonThreadsafe(() -> trail.add("threadsafe")));
          later.add(loop.callLater(Duration.ZERO, () -> trail.add("timer of this iteration")));
          loop.callSoon(() -> trail.add("the next one"));
          runOnce(loop);
          runOnce(loop);
          assertThat(trail).containsExactly("cancels", "the next one");
        });
  }

  @EachEngine
  @Spec("CB-13")
  void cancelLetsGoOfTheCallbackAtOnce(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var soon = new AtomicReference<Handle>();
          var later = new AtomicReference<Handle>();
          var held = scheduleHolding(loop, soon, later);
          soon.get().cancel();
          later.get().cancel();

          for (WeakReference<Object> each : held) {
            Memory.awaitCleared(each);
          }
          Reference.reachabilityFence(loop); // with both handles still queued
        });
  }

  private static List<WeakReference<Object>> scheduleHolding(
      EventLoop loop, AtomicReference<Handle> soon, AtomicReference<Handle> later) {
    var one = new Object();
    var other = new Object();
    soon.set(loop.callSoon(one::hashCode));
    later.set(loop.callLater(Duration.ofHours(1), other::hashCode));
    return List.of(new WeakReference<>(one), new WeakReference<>(other));
  }

  @EachEngine
  @Spec("CB-22")
  void failingCallbackIsReportedAndTheIterationGoesOn(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.setDebug(false);
          List<ErrorContext> reports = collectReports(loop);
          var failure = new IllegalStateException("in the callback");
          var error = new StackOverflowError();
          var cancelled = new CancelledError();
          List<Handle> handles = new ArrayList<>();
          for (Throwable each : List.of(failure, error, cancelled)) {
            handles.add(
                loop.callSoon(() -> {
                  trail.add("throws");
                  sneakyThrow(each);
                }));
          }
          loop.callSoon(() -> trail.add("behind them"));
          runOnce(loop);

          assertThat(trail).containsExactly("throws", "throws", "throws", "behind them");
          assertThat(reports)
              .extracting(ErrorContext::exception)
              .containsExactly(failure, error, cancelled);
          assertThat(reports)
              .extracting(report -> report.get(ErrorContext.HANDLE))
              .isEqualTo(handles);
          assertThat(reports)
              .allSatisfy(report -> {
                assertThat(report.message())
                    .contains("Exception in callback", CallbackTest.class.getName());
                assertThat(report.asMap())
                    .containsOnlyKeys(
                        ErrorContext.MESSAGE, ErrorContext.EXCEPTION, ErrorContext.HANDLE);
              });

          reports.clear();
          loop.setDebug(true);
          loop.callLater(
              Duration.ZERO,
              () -> {
                throw failure;
              });
          runOnce(loop);
          assertThat(reports).hasSize(1);
          assertThat(reports.getFirst().get(ErrorContext.SOURCE_TRACEBACK))
              .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
              .first()
              .asString()
              .contains("CallbackTest");
        });
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void sneakyThrow(Throwable t) throws X {
    throw (X) t;
  }

  @EachEngine
  @Spec("CB-23")
  void whatACallbackGivesIsIgnored(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          loop.callSoon(this::makeCoroutine);
          loop.callSoon(() -> loop.createFuture());
          runOnce(loop);
          runOnce(loop);
          assertThat(trail).containsExactly("made");
        });
  }

  private Coroutine<Boolean> makeCoroutine() {
    trail.add("made");
    return () -> trail.add("awaited");
  }

  @EachEngine
  @Spec("CB-27")
  void handleTellsTheContextItsCallbackRunsIn(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          var name = new ContextVar<String>("name");
          var given = new Context();
          given.run(() -> name.set("given"));

          Handle explicit = loop.callSoon(given, () -> trail.add(name.get()));
          assertThat(explicit.context()).isSameAs(given);
          Handle timer = loop.callLater(Duration.ZERO, given, () -> trail.add(name.get()));
          assertThat(timer.context()).isSameAs(given);

          Handle[] copied = new Handle[1];
          given
              .copy()
              .run(() -> {
                name.set("copied");
                copied[0] =
                    loop.callSoon(
                        () -> trail.add(name.get() + name.set("own").getClass().getSimpleName()));
                name.set("changed later");
              });
          assertThat(copied[0].context().get(name)).isEqualTo("copied");
          runOnce(loop);
          assertThat(trail).containsExactly("given", "copiedToken", "given");
          assertThat(copied[0].context().get(name)).isEqualTo("own");
          assertThat(given.get(name)).isEqualTo("given");
        });
  }

  @EachEngine
  @Spec("CB-6")
  void nullIsRefusedWithTheNameOfTheParameter(Engine engine) throws Exception {
    with(
        engine,
        loop -> {
          assertThatThrownBy(() -> loop.callLater(null, () -> {}))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("delay");
          assertThatThrownBy(() -> loop.callLater(null, new Context(), () -> {}))
              .isInstanceOf(NullPointerException.class)
              .hasMessageContaining("delay");
          Snippet.rejects("EventLoop loop = null; loop.callAt(null, () -> {});");
        });
  }
}
