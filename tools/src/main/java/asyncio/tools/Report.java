package asyncio.tools;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a process answered: the JSON of {@link asyncio.inspect.Snapshot#toJson} as objects, as far
 * as the commands show it. The process may have another version of the library, so nothing here is
 * shared with it.
 */
record Report(
    ProcessPart process,
    Map<String, Integer> counts,
    List<LoopPart> loops,
    List<TaskPart> tasks,
    List<SummaryPart> summaries,
    List<CyclePart> cycles) {

  record ProcessPart(long pid, String command, String jdk, String library) {}

  record LoopPart(
      String id,
      String engine,
      @Nullable String thread,
      long threadId,
      boolean running,
      int tasks) {}

  record TaskPart(
      String id,
      String name,
      String loop,
      String state,
      String coroutine,
      List<Frame> frames,
      List<WaitPart> waitsFor,
      List<Ref> awaitedBy) {

    /** What it waits for, in words; empty if it does not. */
    String waits() {
      StringJoiner text = new StringJoiner("; ");
      waitsFor.forEach(wait -> text.add(wait.toString()));
      return text.toString();
    }
  }

  record Ref(String id, String name) {}

  /** A frame of a stack. */
  record Frame(
      @SerializedName("class") String type, String method, @Nullable String file, int line) {
    /** Class and method, for example {@code Main.fetch}. */
    String function() {
      String simple = type.substring(type.lastIndexOf('.') + 1).replace('$', '.');
      if (!method.startsWith("lambda$")) {
        return simple + "." + method;
      }
      int end = method.indexOf('$', "lambda$".length());
      return end < 0
          ? simple + ".lambda"
          : simple + "." + method.substring("lambda$".length(), end) + ".lambda";
    }

    /** The function and its line, for example {@code Main.fetch Main.java:12}. */
    String place() {
      return file == null ? function() : function() + " " + file + ":" + line;
    }
  }

  record WaitPart(
      String kind,
      String text,
      List<Ref> holders,
      int holderCount,
      @Nullable Double remainingSeconds) {

    private static final int MAX_NAMES = 3;

    @Override
    public String toString() {
      StringBuilder words = new StringBuilder(text);
      if (!holders.isEmpty() && !kind.startsWith("task")) {
        words.append(kind.startsWith("queue") ? ", used by " : ", held by ");
        int named = Math.min(MAX_NAMES, holders.size());
        for (int i = 0; i < named; i++) {
          words.append(i == 0 ? "" : ", ").append(holders.get(i).name);
        }
        if (holderCount > named) {
          words.append(" and ").append(holderCount - named).append(" more");
        }
      }
      if (remainingSeconds != null) {
        words.append(", ").append("%.1f s left".formatted(remainingSeconds));
      }
      return words.toString();
    }
  }

  record SummaryPart(
      String loop,
      String coroutine,
      String state,
      @Nullable String waitsFor,
      int count,
      List<Ref> samples,
      List<Frame> frames) {}

  record CyclePart(boolean deadlock, List<String> names, List<StepPart> steps) {
    /** Whether its tasks wait for one another's end, and not for locks and the like. */
    boolean isOfTasksOnly() {
      return steps.stream().allMatch(step -> step.kind.equals("task") || step.kind.equals("tasks"));
    }

    /** The tasks from the first one back to itself, with what stands between them. */
    String describe() {
      StringBuilder text = new StringBuilder();
      for (StepPart step : steps) {
        text.append(step.name);
        boolean ofTask = step.kind.startsWith("task");
        text.append(ofTask ? " -> " : " -[" + step.text + "]-> ");
      }
      return text.append(steps.getFirst().name).toString();
    }
  }

  record StepPart(String id, String name, String kind, String text) {}

  static Report parse(String json) {
    return new Gson().fromJson(json, Report.class);
  }

  /** The tasks by their ids. */
  Map<String, TaskPart> tasksById() {
    Map<String, TaskPart> byId = new LinkedHashMap<>();
    tasks.forEach(task -> byId.put(task.id, task));
    return byId;
  }

  /** How many tasks are not listed. */
  int unlisted() {
    return counts.getOrDefault("tasks", tasks.size()) - tasks.size();
  }

  Map<String, Long> threadsByLoop() {
    Map<String, Long> threads = new LinkedHashMap<>();
    loops.forEach(loop -> threads.put(loop.id, loop.threadId));
    return threads;
  }
}
