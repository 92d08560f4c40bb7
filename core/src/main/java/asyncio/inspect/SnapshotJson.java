package asyncio.inspect;

import asyncio.internal.inspect.Json;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a snapshot as JSON; the schema stands at {@link Snapshot#toJson}. */
final class SnapshotJson {
  private final Json json = new Json();

  private SnapshotJson() {}

  static String of(Snapshot snapshot) {
    SnapshotJson writer = new SnapshotJson();
    writer.write(snapshot);
    return writer.json.toString();
  }

  private void write(Snapshot snapshot) {
    json.beginObject().field("taken", snapshot.taken().toString());
    write(snapshot.process());
    json.name("counts").beginObject().field("tasks", snapshot.taskCount());
    for (TaskState state : TaskState.values()) {
      json.field(state.toString(), snapshot.states().getOrDefault(state, 0));
    }
    json.endObject();
    json.name("loops").beginArray();
    snapshot.loops().forEach(this::write);
    json.endArray().name("tasks").beginArray();
    snapshot.tasks().forEach(this::write);
    json.endArray().name("summaries").beginArray();
    snapshot.summaries().forEach(this::write);
    json.endArray().name("cycles").beginArray();
    snapshot.cycles().forEach(this::write);
    json.endArray().endObject();
  }

  private void write(ProcessInfo process) {
    json.name("process")
        .beginObject()
        .field("pid", process.pid())
        .field("command", process.command())
        .field("jdk", process.jdk())
        .field("library", process.library())
        .field("engine", process.engine())
        .endObject();
  }

  private void write(LoopInfo loop) {
    json.beginObject()
        .field("id", loop.id())
        .field("type", loop.type())
        .field("engine", loop.engine())
        .field("thread", loop.thread())
        .field("threadId", loop.threadId())
        .field("running", loop.running())
        .field("closed", loop.closed())
        .field("debug", loop.debug())
        .field("tasks", loop.tasks())
        .endObject();
  }

  private void write(TaskInfo task) {
    json.beginObject()
        .field("id", task.id())
        .field("name", task.name())
        .field("loop", task.loop())
        .field("state", task.state().toString())
        .field("cancelling", task.cancelling())
        .field("coroutine", task.coroutine());
    frames("frames", task.frames());
    frames("createdAt", task.createdAt());
    json.name("waitsFor").beginArray();
    task.waitsFor().forEach(this::write);
    json.endArray();
    refs("awaitedBy", task.awaitedBy());
    seconds("timesOutInSeconds", task.timesOutIn());
    StackTraceElement entry = task.entry();
    json.field("entry", entry == null ? null : entry.toString());
    json.endObject();
  }

  private void write(WaitInfo wait) {
    json.beginObject()
        .field("kind", wait.kind().toString())
        .field("id", wait.id())
        .field("text", wait.text());
    refs("holders", wait.holders());
    json.field("holderCount", wait.holderCount())
        .field("allNeeded", wait.allNeeded())
        .field("complete", wait.complete());
    seconds("remainingSeconds", wait.remaining());
    json.endObject();
  }

  private void write(TaskSummary summary) {
    WaitKind waitsFor = summary.waitsFor();
    json.beginObject()
        .field("loop", summary.loop())
        .field("coroutine", summary.coroutine())
        .field("state", summary.state().toString())
        .field("waitsFor", waitsFor == null ? null : waitsFor.toString())
        .field("count", summary.count());
    refs("samples", summary.samples());
    frames("frames", summary.frames());
    json.endObject();
  }

  private void write(Cycle cycle) {
    json.beginObject().field("deadlock", cycle.deadlock());
    seconds("breaksInSeconds", cycle.breaksIn());
    json.field("names", cycle.names()).name("steps").beginArray();
    for (Cycle.Step step : cycle.steps()) {
      json.beginObject()
          .field("id", step.task().id())
          .field("name", step.task().name())
          .field("kind", step.kind().toString())
          .field("on", step.id())
          .field("text", step.text())
          .endObject();
    }
    json.endArray().endObject();
  }

  private void refs(String name, List<TaskRef> refs) {
    json.name(name).beginArray();
    for (TaskRef ref : refs) {
      json.beginObject().field("id", ref.id()).field("name", ref.name()).endObject();
    }
    json.endArray();
  }

  private void frames(String name, List<StackTraceElement> frames) {
    json.name(name).beginArray();
    for (StackTraceElement frame : frames) {
      json.beginObject()
          .field("class", frame.getClassName())
          .field("method", frame.getMethodName())
          .field("file", frame.getFileName())
          .field("line", frame.getLineNumber())
          .endObject();
    }
    json.endArray();
  }

  private void seconds(String name, @Nullable Duration duration) {
    json.name(name);
    if (duration == null) {
      json.nullValue();
    } else {
      json.value(duration.toNanos() / 1e9);
    }
  }
}
