package asyncio.inspect;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers the questions of the command line from within the program that is asked: an object of
 * this class is created from outside, as a management bean, when a command begins, and removed when
 * it ends (spec GRAPH-26).
 *
 * <p>A program has no use for it. It exists, with a public constructor, so that the program need
 * not prepare anything: as long as nobody asks, the class is not even loaded.
 *
 * <p><b>Threading:</b> on any thread; no method but {@link #cancel} does anything on a loop.
 */
public final class Probe implements ProbeMBean {
  /** How long {@link #cancel} waits for the loop. */
  private static final int CANCEL_SECONDS = 3;

  private volatile @Nullable ProbeWatch watch;

  /** Made by the management of the JVM. */
  public Probe() {}

  @Override
  public void expectCalls(String name, String settings, int silenceSeconds) {
    watch = ProbeWatch.start(name, settings, silenceSeconds);
  }

  @Override
  public void expectNoCalls() {
    ProbeWatch watching = watch;
    if (watching != null) {
      watching.stop();
    }
  }

  @Override
  public String snapshot(int maxTasks, int maxStacks) {
    return answer(() ->
        Snapshot.take(SnapshotOptions.DEFAULT.withMaxTasks(maxTasks).withMaxStacks(maxStacks))
            .toJson());
  }

  @Override
  public String metrics() {
    return answer(Probe::metricsOfAll);
  }

  @Override
  public String cancel(String task) {
    return answer(() -> cancelOne(task));
  }

  private String answer(Supplier<String> question) {
    ProbeWatch watching = watch;
    if (watching != null) {
      watching.called();
    }
    return question.get();
  }

  private static String metricsOfAll() {
    StringBuilder json = new StringBuilder("[");
    for (EventLoop loop : Loops.live()) {
      json.append(json.length() == 1 ? "" : ",")
          .append("{\"loop\":\"")
          .append(Loops.idOf(loop))
          .append("\",\"metrics\":")
          .append(loop.metrics().toJson())
          .append('}');
    }
    return json.append(']').toString();
  }

  private record Found(Task<?> task, EventLoop loop, TaskRef ref) {}

  private static String cancelOne(String task) {
    Found found = find(task);
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    found.loop.callSoonThreadsafe(() -> done.complete(found.task.cancel()));
    try {
      if (!done.get(CANCEL_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalArgumentException("task " + found.ref + " has just ended");
      }
      return "cancelled " + found.ref;
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "the loop of task "
              + found.ref
              + " did nothing for "
              + CANCEL_SECONDS
              + " s: something holds it; the task will be cancelled when it goes on");
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException("task " + found.ref + " could not be cancelled: " + e, e);
    }
  }

  private static Found find(String task) {
    List<Found> named = new ArrayList<>();
    for (EventLoop loop : Loops.live()) {
      for (Task<?> each : Asyncio.allTasks(loop)) {
        TaskRef ref = new TaskRef(Loops.idOf(each), each.name());
        if (ref.id().equalsIgnoreCase(task)) {
          return new Found(each, loop, ref);
        }
        if (ref.name().equals(task)) {
          named.add(new Found(each, loop, ref));
        }
      }
    }
    if (named.size() == 1) {
      return named.getFirst();
    }
    throw new IllegalArgumentException(
        named.isEmpty()
            ? "no task has the id or name '" + task + "'"
            : named.size() + " tasks have the name '" + task + "', take the id: " + ids(named));
  }

  private static String ids(List<Found> found) {
    StringBuilder ids = new StringBuilder();
    for (Found each : found.subList(0, Math.min(10, found.size()))) {
      ids.append(ids.isEmpty() ? "" : ", ").append(each.ref.id());
    }
    return ids.append(found.size() > 10 ? ", …" : "").toString();
  }
}
