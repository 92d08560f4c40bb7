package asyncio.conformance.inspect;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.LoopKind;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.conformance.Memory;
import asyncio.inspect.Loops;
import asyncio.inspect.Snapshot;
import asyncio.inspect.TaskInfo;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import asyncio.testkit.VirtualTimeLoop;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

/** The loops of the JVM, and their tasks by their identity. */
class LoopsTest {

  @Test
  void loopIsListedUntilItIsClosed() {
    var loop = LoopKind.preferred().newLoop(Engine.preferred());
    assertThat(Loops.live()).contains(loop);
    loop.close();
    assertThat(Loops.live()).doesNotContain(loop);
  }

  @Test
  void loopThatNobodyHoldsIsForgotten() throws InterruptedException {
    var loop = new WeakReference<EventLoop>(new VirtualTimeLoop());
    String id = Loops.idOf(loop.get());
    Memory.awaitCleared(loop);
    assertThat(Loops.live()).extracting(Loops::idOf).doesNotContain(id);
  }

  @LoopTest
  void snapshotHoldsNoTask(LoopProbe probe) throws InterruptedException {
    var result = new WeakReference<Object>(new Object());
    Snapshot snapshot = snapshotOfTaskWith(result.get(), probe);
    Memory.awaitCleared(result);
    assertThat(snapshot.tasks()).extracting(TaskInfo::name).contains("holder");
  }

  private static Snapshot snapshotOfTaskWith(Object object, LoopProbe probe) {
    Task<?> task = createTask(() -> sleep(seconds(1), object), TaskOptions.named("holder"));
    probe.runUntilAllBlocked();
    Snapshot snapshot = Snapshot.of(probe.loop());
    task.await();
    return snapshot;
  }

  @LoopTest
  void loopHasTheIdentityThatSnapshotsShow(LoopProbe probe) {
    assertThat(Snapshot.of(probe.loop()).loops().getFirst().id())
        .isEqualTo(Loops.idOf(probe.loop()));
  }

  @LoopTest
  void unfinishedTaskIsFoundByItsId(LoopProbe probe) {
    Task<?> task = createTask(() -> sleep(seconds(1)), TaskOptions.named("sleeper"));
    String id = infoOf(probe, "sleeper").id();
    assertThat(Loops.findTask(id)).isSameAs(task);
    probe.runUntilAllBlocked();
    sleep(seconds(2));
    assertThat(Loops.findTask(id)).isNull();
    assertThat(Loops.findTask("what is this")).isNull();
  }

  @LoopTest
  void twoLambdasOfAClassAreToldApartByTheirEntry(LoopProbe probe) {
    createTask(() -> sleep(seconds(1)), TaskOptions.named("one"));
    createTask(() -> this.another(), TaskOptions.named("two"));
    createTask(this::another, TaskOptions.named("three"));
    probe.runUntilAllBlocked();
    StackTraceElement one = infoOf(probe, "one").entry();
    StackTraceElement two = infoOf(probe, "two").entry();
    assertThat(one.getMethodName()).startsWith("lambda$");
    assertThat(two.getMethodName()).startsWith("lambda$").isNotEqualTo(one.getMethodName());
    assertThat(infoOf(probe, "three").entry().getMethodName()).isEqualTo("another");
    sleep(seconds(2));
  }

  private void another() {
    sleep(seconds(1));
  }

  private static TaskInfo infoOf(LoopProbe probe, String name) {
    return Snapshot.of(probe.loop()).tasks().stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
