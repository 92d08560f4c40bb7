package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.Loops.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.AbstractEventLoop;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** LOOP: loops that others build on {@link AbstractEventLoop}. */
class HostLoopTest {
  private final List<String> trail = new ArrayList<>();

  /**
   * A host with a queue of events of its own, between which it lets the loop run single iterations.
   */
  private static final class Embedded extends FakeLoop {
    final Queue<Runnable> hostEvents = new ArrayDeque<>();

    Embedded(Engine engine) {
      super(engine);
    }

    void runHost() {
      runForeverSetUp();
      try {
        while (!hostEvents.isEmpty() || hasReady() || nextDeadline() != NEVER) {
          Runnable event = hostEvents.poll();
          if (event != null) {
            event.run();
          }
          if (hasReady() || nextDeadline() != NEVER) {
            runOnce();
          }
        }
      } finally {
        runForeverCleanUp();
      }
    }
  }

  @EachEngine
  @Spec("LOOP-51")
  void hostDrivesSingleIterationsOfTheRunningLoop(Engine engine) {
    var loop = new Embedded(engine);
    Task<String> task =
        loop.createTask(() -> {
          trail.add("task begins");
          sleep(Duration.ofSeconds(1));
          return "slept";
        });
    loop.hostEvents.add(() -> {
      assertThat(getRunningLoop()).isSameAs(loop);
      assertThat(loop.isRunning()).isTrue();
      trail.add("host event 1");
      loop.callSoon(() -> trail.add("callback 1"));
    });
    loop.hostEvents.add(() -> {
      trail.add("host event 2");
      assertRefused("already running", loop::runForever);
    });
    loop.runHost();

    assertThat(trail).containsExactly("host event 1", "task begins", "callback 1", "host event 2");
    assertThat(task.result()).isEqualTo("slept");
    assertThat(loop.isRunning()).isFalse();
    assertRefused("no running event loop", () -> getRunningLoop());
    assertThat(loop.runUntilComplete(() -> "still a loop")).isEqualTo("still a loop");
    loop.close();
  }

  /** A loop that its host started before anybody saw it, and that ends with the host. */
  private static final class AlwaysOn extends FakeLoop {
    AlwaysOn(Engine engine) {
      super(engine);
      runForeverSetUp();
    }

    @Override
    public void runForever() {
      throw new UnsupportedOperationException("the host runs this loop");
    }

    @Override
    public void stop() {
      throw new UnsupportedOperationException("the host runs this loop");
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException("the host runs this loop");
    }

    @Override
    public boolean isRunning() {
      return true;
    }

    void turn() {
      runOnce();
    }

    void endOfHost() {
      runForeverCleanUp();
      super.close();
    }
  }

  @EachEngine
  @Spec("LOOP-52")
  void loopOfAHostCanLeaveItsLifeCycleToTheHost(Engine engine) throws Exception {
    var loop = new AlwaysOn(engine);
    try {
      assertThat(loop.isRunning()).isTrue();
      assertThatThrownBy(loop::runForever).isInstanceOf(UnsupportedOperationException.class);

      Future<String> future = loop.createFuture();
      Task<String> task = loop.createTask(() -> await(future) + " in a task");
      future.addDoneCallback(done -> trail.add("callback: " + done.result()));
      loop.callAt(loop.now, () -> future.setResult("done"));
      Loops.onOtherThread(() -> loop.callSoonThreadsafe(() -> trail.add("from another thread")));
      Loops.onOtherThread(
          () -> assertRefused("Non-thread-safe operation", () -> loop.callSoon(() -> {})));
      for (int i = 0; i < 4; i++) {
        loop.callSoon(() -> {});
        loop.turn();
      }

      assertThat(trail).containsExactly("from another thread", "callback: done");
      assertThat(task.result()).isEqualTo("done in a task");
    } finally {
      loop.endOfHost();
    }
  }

  @Test
  @Spec("LOOP-53")
  void whatALoopDoesNotSupportThrows() throws Exception {
    var loop = new FakeLoop(Engine.PORTABLE);
    Pipe pipe = Pipe.open();
    try (var source = pipe.source();
        var sink = pipe.sink()) {
      source.configureBlocking(false);
      sink.configureBlocking(false);
      assertUnsupported("addReader", loop, () -> loop.addReader(source, () -> {}));
      assertUnsupported("removeReader", loop, () -> loop.removeReader(source));
      assertUnsupported("addWriter", loop, () -> loop.addWriter(sink, () -> {}));
      assertUnsupported("removeWriter", loop, () -> loop.removeWriter(sink));
    }
    loop.close();
  }

  private static void assertUnsupported(
      String method, EventLoop loop, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(method)
        .hasMessageContaining(loop.toString());
  }
}
