package asyncio.conformance.inspect;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.Task;
import asyncio.TaskOptions;
import asyncio.conformance.ClockLoop;
import asyncio.conformance.EachEngine;
import asyncio.inspect.Snapshot;
import asyncio.sync.Queue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The events for Java Flight Recorder. */
class FlightRecorderTest {

  /** What was recorded of one loop while {@code test} ran, in the order of time. */
  private static List<RecordedEvent> record(
      ClockLoop loop, Consumer<Recording> settings, Runnable test) throws IOException {
    return record(loop, settings, test, false);
  }

  private static List<RecordedEvent> record(
      ClockLoop loop, Consumer<Recording> settings, Runnable test, boolean statistics)
      throws IOException {
    String id = Snapshot.of(loop).loops().getFirst().id();
    Path file = Files.createTempFile("asyncio", ".jfr");
    try (Recording recording = new Recording()) {
      settings.accept(recording);
      recording.start();
      test.run();
      recording.stop();
      assertThat(loop.reports).isEmpty();
      recording.dump(file);
      List<RecordedEvent> events = new ArrayList<>(RecordingFile.readAllEvents(file));
      events.removeIf(each ->
          !each.getEventType().getName().startsWith("asyncio.")
              || !each.getString("loop").equals(id)
              || each.getEventType().getName().equals("asyncio.LoopStatistics") != statistics);
      events.sort(Comparator.comparing(RecordedEvent::getStartTime));
      return events;
    } finally {
      Files.delete(file);
    }
  }

  private static String text(RecordedEvent event) {
    String name = event.getEventType().getName();
    String text = name.substring(name.indexOf('.') + 1) + " " + event.getString("task");
    return switch (name) {
      case "asyncio.TaskSuspended" ->
          text
              + " "
              + event.getString("reason")
              + (event.getString("awaitedTask") == null
                  ? ""
                  : " " + event.getString("awaitedTask"));
      case "asyncio.TaskFinished" ->
          text
              + " "
              + event.getString("outcome")
              + (event.getString("exception") == null ? "" : " " + event.getString("exception"));
      default -> text;
    };
  }

  @EachEngine
  void theLifeOfATaskIsRecordedIfThatIsAskedFor(Engine engine) throws IOException {
    ClockLoop loop = new ClockLoop(engine);
    List<RecordedEvent> events =
        record(
            loop,
            recording -> {
              for (String name : List.of("Created", "Suspended", "Resumed", "Finished")) {
                recording.enable("asyncio.Task" + name);
              }
            },
            () -> {
              loop.runUntilComplete(() -> {});
              loop.runUntilComplete(
                  loop.createTask(
                      () -> {
                        Task<?> child =
                            createTask(() -> sleep(Duration.ZERO), TaskOptions.named("child"));
                        await(child);
                        Task<?> failing =
                            createTask(
                                () -> {
                                  throw new IOException("on purpose");
                                },
                                TaskOptions.named("failing"));
                        Task<?> waiting =
                            createTask(() -> new Queue<>().get(), TaskOptions.named("waiting"));
                        sleep(Duration.ofSeconds(1));
                        waiting.cancel();
                        sleep(Duration.ofSeconds(1));
                        failing.exception();
                      },
                      TaskOptions.named("main")));
            });

    assertThat(
            events.stream().map(FlightRecorderTest::text).filter(each -> !each.contains("Task-")))
        .containsExactly(
            "TaskCreated main",
            "TaskResumed main",
            "TaskCreated child",
            "TaskSuspended main task child",
            "TaskResumed child",
            "TaskSuspended child yield",
            "TaskResumed child",
            "TaskFinished child success",
            "TaskResumed main",
            "TaskCreated failing",
            "TaskCreated waiting",
            "TaskSuspended main timer",
            "TaskResumed failing",
            "TaskFinished failing failed java.io.IOException",
            "TaskResumed waiting",
            "TaskSuspended waiting queue item",
            "TaskResumed main",
            "TaskSuspended main timer",
            "TaskResumed waiting",
            "TaskFinished waiting cancelled",
            "TaskResumed main",
            "TaskFinished main success");
    RecordedEvent created =
        events.stream().filter(each -> text(each).endsWith("main")).findFirst().orElseThrow();
    assertThat(created.getString("code")).isEqualTo(getClass().getName() + ".lambda");
    assertThat(created.getLong("taskId")).isPositive();
    assertThat(created.getStackTrace()).isNull();
    loop.close();
  }

  @EachEngine
  void aSlowCallbackIsRecordedFromTheThresholdOn(Engine engine) throws IOException {
    ClockLoop loop = new ClockLoop(engine);
    List<RecordedEvent> events =
        record(
            loop,
            recording ->
                recording.enable("asyncio.SlowCallback").withThreshold(Duration.ofMillis(20)),
            () -> {
              loop.callSoon(new Spin(Duration.ofMillis(20)));
              loop.callSoon(() -> {});
              loop.runUntilComplete(
                  loop.createTask(
                      () -> new Spin(Duration.ofMillis(25)).run(), TaskOptions.named("busy")));
            });

    assertThat(events.stream().map(each -> each.getString("code") + " " + each.getString("task")))
        .contains(Spin.class.getName() + " null", getClass().getName() + ".lambda busy");
    assertThat(events).allMatch(each -> each.getDuration().toMillis() >= 20);
    loop.close();
  }

  private record Spin(Duration time) implements Runnable {
    @Override
    public void run() {
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  @EachEngine
  void nothingOfTasksIsRecordedUnlessAskedFor(Engine engine) throws IOException {
    ClockLoop loop = new ClockLoop(engine);
    List<RecordedEvent> events =
        record(loop, _ -> {}, () -> loop.runUntilComplete(() -> sleep(Duration.ofSeconds(1))));

    assertThat(events).isEmpty();
    loop.close();
  }

  @EachEngine
  void aLoopThatRunsFollowsTheRecordings(Engine engine) throws IOException {
    ClockLoop loop = new ClockLoop(engine);
    List<List<RecordedEvent>> events = new ArrayList<>();
    Runnable step = () -> loop.runUntilComplete(() -> {});
    step.run();
    loop.runUntilComplete(() -> {
      for (int i = 0; i < 2; i++) {
        events.add(
            record(
                loop,
                recording -> recording.enable("asyncio.TaskFinished"),
                () -> {
                  sleep(Duration.ZERO);
                  createTask(() -> {}, TaskOptions.named("in"));
                  sleep(Duration.ofSeconds(1));
                }));
        createTask(() -> {}, TaskOptions.named("out"));
        sleep(Duration.ofSeconds(1));
      }
    });

    assertThat(events).hasSize(2);
    for (List<RecordedEvent> each : events) {
      assertThat(each.stream().map(FlightRecorderTest::text))
          .containsExactly("TaskFinished in success");
    }
    loop.close();
  }

  @EachEngine
  void statisticsOfALoopAreRecordedByDefault(Engine engine) throws IOException {
    ClockLoop loop = new ClockLoop(engine);
    loop.runUntilComplete(() -> sleep(Duration.ofSeconds(1)));
    List<RecordedEvent> events =
        record(
            loop,
            recording -> recording.enable("asyncio.LoopStatistics").with("period", "endChunk"),
            () -> loop.runUntilComplete(() -> sleep(Duration.ofSeconds(1))),
            true);

    assertThat(events).isNotEmpty();
    assertThat(events.getLast().getDouble("utilisation")).isZero();
    assertThat(events.getLast().getLong("tasksAlive")).isZero();
    loop.close();
  }
}
