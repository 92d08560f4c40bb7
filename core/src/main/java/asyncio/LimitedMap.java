package asyncio;

import asyncio.internal.inspect.Waited.Need;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One call of {@link Asyncio#map}: a task for each item, so many at a time. */
final class LimitedMap<R extends @Nullable Object> {
  private final TaskStepper parent;
  private final int limit;
  private final List<Task<R>> tasks = new ArrayList<>();
  private int running;
  private @Nullable Waiter slot;

  private LimitedMap(TaskStepper parent, int limit) {
    this.parent = parent;
    this.limit = limit;
  }

  static <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      Iterable<? extends A> items, int limit, Scope.With<? super A, ? extends R, ?> function) {
    Objects.requireNonNull(items, "items");
    Objects.requireNonNull(function, "function");
    if (limit < 1) {
      throw new IllegalArgumentException(
          "limit: at least one task must be allowed to run, got " + limit);
    }
    return new LimitedMap<R>(TaskStepper.currentOrThrow("map()"), limit).run(items, function);
  }

  private <A extends @Nullable Object> List<R> run(
      Iterable<? extends A> items, Scope.With<? super A, ? extends R, ?> function) {
    Scope.VoidWith<TaskGroup, RuntimeException> startAll =
        group -> {
          Iterator<? extends A> iterator = items.iterator();
          while (iterator.hasNext()) {
            A item = iterator.next();
            start(group, () -> call(function, item));
            awaitSlot(); // before the next item is asked for
          }
        };
    new TaskGroup().run(startAll);
    List<R> results = new ArrayList<>(tasks.size());
    for (Task<R> task : tasks) {
      results.add(task.result());
    }
    return Collections.unmodifiableList(results);
  }

  private void awaitSlot() {
    while (running == limit) {
      slot = new Waiter(parent.loop, "slot", Need.ANY, tasks);
      try {
        slot.await(parent);
      } finally {
        slot = null;
      }
    }
  }

  private void start(TaskGroup group, Awaitable<R> coroutine) {
    running++;
    Task<R> task = group.createTask(coroutine);
    tasks.add(task);
    task.addDoneCallback(_ -> {
      running--;
      if (slot != null) {
        slot.release();
      }
    });
  }

  private static <A extends @Nullable Object, R extends @Nullable Object> R call(
      Scope.With<? super A, ? extends R, ?> function, A item) throws Exception {
    try {
      return function.call(item);
    } catch (Throwable t) {
      throw Throwables.<Exception>sneak(t);
    }
  }
}
