package asyncio;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Several instruments as one. */
final class Instruments implements Instrument {
  private final List<Instrument> all;

  private Instruments(List<Instrument> all) {
    this.all = List.copyOf(all);
  }

  static Instrument plus(@Nullable Instrument now, Instrument added) {
    return now == null ? added : of(with(now, added));
  }

  static @Nullable Instrument minus(@Nullable Instrument now, Instrument removed) {
    List<Instrument> rest =
        now instanceof Instruments many ? new ArrayList<>(many.all) : new ArrayList<>();
    if (now != null && rest.isEmpty()) {
      rest.add(now);
    }
    rest.remove(removed);
    return rest.isEmpty() ? null : of(rest);
  }

  private static List<Instrument> with(Instrument now, Instrument added) {
    List<Instrument> list =
        now instanceof Instruments many ? new ArrayList<>(many.all) : new ArrayList<>(List.of(now));
    list.add(added);
    return list;
  }

  private static Instrument of(List<Instrument> list) {
    return list.size() == 1 ? list.getFirst() : new Instruments(list);
  }

  @Override
  public void taskSpawned(Task<?> task) {
    all.forEach(each -> each.taskSpawned(task));
  }

  @Override
  public void taskSuspended(Task<?> task, @Nullable Future<?> waitingFor) {
    all.forEach(each -> each.taskSuspended(task, waitingFor));
  }

  @Override
  public void taskResumed(Task<?> task) {
    all.forEach(each -> each.taskResumed(task));
  }

  @Override
  public void taskDone(Task<?> task) {
    all.forEach(each -> each.taskDone(task));
  }

  @Override
  public void callbackBegun(Handle handle) {
    all.forEach(each -> each.callbackBegun(handle));
  }

  @Override
  public void callbackEnded(Handle handle) {
    all.forEach(each -> each.callbackEnded(handle));
  }

  @Override
  public void iterationBegun(EventLoop loop) {
    all.forEach(each -> each.iterationBegun(loop));
  }

  @Override
  public void iterationEnded(EventLoop loop) {
    all.forEach(each -> each.iterationEnded(loop));
  }

  @Override
  public void threadAwaited(Future<?> future) {
    all.forEach(each -> each.threadAwaited(future));
  }

  @Override
  public void resourceOpened(EventLoop loop, Object resource) {
    all.forEach(each -> each.resourceOpened(loop, resource));
  }

  @Override
  public void resourceClosed(EventLoop loop, Object resource) {
    all.forEach(each -> each.resourceClosed(loop, resource));
  }

  @Override
  public void cancellationSwallowed(Task<?> task, StackTraceElement place) {
    all.forEach(each -> each.cancellationSwallowed(task, place));
  }

  @Override
  public void errorReported(EventLoop loop, ErrorContext context) {
    all.forEach(each -> each.errorReported(loop, context));
  }
}
