package asyncio.conformance;

import static asyncio.conformance.Loops.runOnce;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.TimerHandle;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** CB: timers, their order, and what becomes of cancelled ones. */
class TimerTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"CB-5", "CB-15"})
  void callLaterReadsTheClockAtTheCall(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.now = 5_000;
    TimerHandle first = loop.callLater(Duration.ofNanos(300), () -> {});
    loop.now = 6_000;
    TimerHandle second = loop.callLater(Duration.ofNanos(300), () -> {});
    TimerHandle third = loop.callAt(123, () -> {});

    assertThat(first.when()).isEqualTo(5_300);
    assertThat(second.when()).isEqualTo(6_300);
    assertThat(third.when()).isEqualTo(123);
    first.cancel();
    assertThat(first.when()).isEqualTo(5_300);
    loop.close();
  }

  @EachEngine
  @Spec("CB-7")
  void negativeDelaysAreDueAtOnceTheEarlierFirst(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callLater(Duration.ZERO, () -> trail.add("0"));
    loop.callLater(Duration.ofSeconds(-1), () -> trail.add("-1"));
    loop.callLater(Duration.ofSeconds(-2), () -> trail.add("-2"));
    loop.callLater(Duration.ofSeconds(Long.MIN_VALUE), () -> trail.add("since ever"));
    loop.callAt(Long.MIN_VALUE, () -> trail.add("before that"));
    assertThat(trail).isEmpty();
    runOnce(loop);
    assertThat(trail).containsExactly("before that", "since ever", "-2", "-1", "0");
    loop.close();
  }

  @EachEngine
  @Spec("CB-8")
  void equalDeadlinesFireInOrderOfScheduling(Engine engine) {
    var loop = new FakeLoop(engine);
    List<Integer> order = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int number = i;
      boolean cancelled = i % 3 != 0; // enough of them for the heap to be rebuilt
      TimerHandle timer = loop.callAt(loop.now + 5, () -> order.add(number));
      if (cancelled) {
        timer.cancel();
      } else {
        expected.add(number);
      }
    }
    loop.now += 5;
    runOnce(loop);
    assertThat(order).isEqualTo(expected);
    loop.close();
  }

  @EachEngine
  @Spec("CB-9")
  void timerThatWasMissedFiresOnceInTheNextIteration(Engine engine) {
    var loop = new FakeLoop(engine);
    loop.callAt(loop.now + 10, () -> trail.add("timer"));
    loop.callSoon(() -> {
      loop.now += 1_000_000; // busy for long
      trail.add("busy");
    });
    runOnce(loop);
    assertThat(trail).containsExactly("busy");
    runOnce(loop);
    runOnce(loop);
    assertThat(trail).containsExactly("busy", "timer");
    loop.close();
  }

  @EachEngine
  @Spec("CB-16")
  void timersOrderByDeadlineAndEqualInEverythingOnly(Engine engine) {
    var loop = new FakeLoop(engine);
    Runnable callback = () -> {};
    TimerHandle early = loop.callAt(10, callback);
    TimerHandle late = loop.callAt(20, callback);
    TimerHandle twin = loop.callAt(10, callback);
    TimerHandle stranger = loop.callAt(10, () -> trail.add("other callback"));
    List<TimerHandle> sorted = new ArrayList<>(List.of(late, early));
    Collections.sort(sorted);

    assertThat(sorted).containsExactly(early, late);
    assertThat(early.compareTo(late)).isNegative();
    assertThat(late.compareTo(early)).isPositive();
    assertThat(early.compareTo(stranger)).isZero();
    assertThat(early).isEqualTo(twin).hasSameHashCodeAs(twin);
    assertThat(early).isNotEqualTo(late).isNotEqualTo(stranger).hasSameHashCodeAs(stranger);
    twin.cancel();
    assertThat(early).isNotEqualTo(twin).hasSameHashCodeAs(twin);
    early.cancel();
    assertThat(early).isEqualTo(twin);
    loop.close();
  }

  @EachEngine
  @Spec("CB-17")
  void timersCompareWithTimersOnly(Engine engine) {
    var loop = new FakeLoop(engine);
    TimerHandle timer = loop.callAt(10, () -> {});

    assertThat(timer.equals(null)).isFalse();
    assertThat(timer.equals(loop.callSoon(() -> {}))).isFalse();
    assertThat(timer).isNotEqualTo(10L);
    Snippet.rejects(
        "TimerHandle timer = null; Handle handle = null; int c = timer.compareTo(handle);");
    loop.close();
  }

  @EachEngine
  @Spec("CB-18")
  void cancelledTimerAtTheHeadDoesNotWakeTheLoop(Engine engine) {
    var loop = new FakeLoop(engine);
    TimerHandle first = loop.callAt(loop.now + 10, () -> trail.add("cancelled"));
    TimerHandle second = loop.callAt(loop.now + 20, () -> trail.add("cancelled"));
    loop.callAt(loop.now + 500, loop::stop);
    first.cancel();
    second.cancel();
    loop.runForever();
    assertThat(loop.polls).containsExactly(500L);

    loop.polls.clear();
    loop.callAt(loop.now + 10, () -> {}).cancel();
    loop.runForever();
    assertThat(loop.polls).as("only a cancelled timer").containsExactly(EventLoop.NEVER);
    assertThat(trail).isEmpty();
    loop.close();
  }

  @EachEngine
  @Spec("CB-19")
  void manyCancelledTimersAreRemovedInOnePass(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    List<WeakReference<TimerHandle>> cancelled = scheduleBuried(loop, 101, 51);
    runOnce(loop);
    for (WeakReference<TimerHandle> each : cancelled) {
      Memory.awaitCleared(each);
    }
    loop.now += 1_000_000;
    runOnce(loop);
    assertThat(trail).as("the others are whole, and in order").hasSize(50).isSorted();
    loop.close();
  }

  @EachEngine
  @Spec("CB-20")
  void belowTheThresholdTheyStayUntilTheyReachTheHead(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    List<WeakReference<TimerHandle>> cancelled =
        new ArrayList<>(scheduleBuried(loop, 100, 51)); // not more than 100
    runOnce(loop);
    assertHeld(cancelled);
    loop.now += 1_000_000;
    runOnce(loop);
    for (WeakReference<TimerHandle> each : cancelled) {
      Memory.awaitCleared(each);
    }

    cancelled = scheduleBuried(loop, 102, 51); // not more than half
    runOnce(loop);
    assertHeld(cancelled);
    Reference.reachabilityFence(loop);
    loop.close();
  }

  @EachEngine
  @Spec("CB-21")
  void cancellingTimersThatFiredDoesNotCount(Engine engine) throws Exception {
    var loop = new FakeLoop(engine);
    List<TimerHandle> fired = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      fired.add(loop.callAt(loop.now, () -> {}));
    }
    runOnce(loop);
    fired.forEach(TimerHandle::cancel);

    List<WeakReference<TimerHandle>> cancelled = scheduleBuried(loop, 120, 10);
    runOnce(loop);
    assertHeld(cancelled);
    Reference.reachabilityFence(loop);
    loop.close();
  }

  /** Schedules so many timers, later ones later, and cancels some that are not at the head. */
  private List<WeakReference<TimerHandle>> scheduleBuried(FakeLoop loop, int count, int toCancel) {
    List<WeakReference<TimerHandle>> cancelled = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "timer %03d".formatted(i);
      TimerHandle timer = loop.callAt(loop.now + 100 + i, () -> trail.add(name));
      if (i > 0 && cancelled.size() < toCancel) {
        timer.cancel();
        cancelled.add(new WeakReference<>(timer));
      }
    }
    return cancelled;
  }

  private static void assertHeld(List<WeakReference<TimerHandle>> cancelled) {
    for (int i = 0; i < 3; i++) {
      System.gc();
      assertThat(cancelled).noneMatch(each -> each.refersTo(null));
    }
  }
}
