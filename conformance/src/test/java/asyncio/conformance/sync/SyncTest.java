package asyncio.conformance.sync;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.currentTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.conformance.sync.Turns.assertCancelled;
import static asyncio.conformance.sync.Turns.turn;
import static asyncio.conformance.sync.Turns.untilAllBlocked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Action;
import asyncio.Awaitable;
import asyncio.CancelledError;
import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.Task;
import asyncio.conformance.Snippet;
import asyncio.conformance.Spec;
import asyncio.sync.Barrier;
import asyncio.sync.BoundedSemaphore;
import asyncio.sync.Condition;
import asyncio.sync.Event;
import asyncio.sync.LifoQueue;
import asyncio.sync.Lock;
import asyncio.sync.PriorityQueue;
import asyncio.sync.Queue;
import asyncio.sync.Semaphore;
import asyncio.testkit.LoopTest;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * SYNC: the rules that all classes have in common. Wake-ups and cancellation: {@link
 * WokenWindowTest}.
 */
class SyncTest {
  private static final List<Class<?>> CLASSES =
      List.of(
          Lock.class,
          Event.class,
          Condition.class,
          Semaphore.class,
          BoundedSemaphore.class,
          Barrier.class,
          Queue.class,
          LifoQueue.class,
          PriorityQueue.class);

  private final List<Object> trail = new ArrayList<>();

  /** Each operation that need not wait, on a fresh object each. */
  private static Map<String, Action> uncontended() {
    Map<String, Action> operations = new LinkedHashMap<>();
    operations.put("Lock.acquire", new Lock()::acquire);
    var event = new Event();
    event.set();
    operations.put("Event.await", event::await);
    operations.put("Semaphore.acquire", new Semaphore(1)::acquire);
    operations.put("BoundedSemaphore.acquire", new BoundedSemaphore(1)::acquire);
    operations.put("Condition.acquire", new Condition()::acquire);
    operations.put("Condition.awaitFor", () -> new Condition().awaitFor(() -> true));
    operations.put("Barrier.await", new Barrier(1)::await);
    for (Queue<Integer> queue :
        List.of(new Queue<Integer>(2), new LifoQueue<Integer>(2), new PriorityQueue<Integer>(2))) {
      queue.putNowait(1);
      String name = queue.getClass().getSimpleName();
      operations.put(name + ".put", () -> queue.put(1));
      operations.put(name + ".get", queue::get);
      operations.put(name + ".join", new Queue<>()::join);
    }
    return operations;
  }

  @LoopTest
  @Spec("SYNC-1")
  void operationThatCanSucceedAtOnceDoesNotSuspend() {
    uncontended()
        .forEach((name, operation) -> {
          createTask(() -> trail.add(name));
          getRunningLoop().callSoon(() -> trail.add(name));
          run(operation);
          assertThat(trail).as(name).isEmpty();
          turn();
          trail.clear();
        });
  }

  @LoopTest
  @Spec("SYNC-1")
  void lastArrivalAtABarrierDoesNotSuspend() throws Exception {
    var barrier = new Barrier(3);
    createTask(barrier::await);
    createTask(barrier::await);
    turn();
    createTask(() -> trail.add("another task"));
    barrier.await();
    assertThat(trail).isEmpty();
    untilAllBlocked();
  }

  @LoopTest
  @Spec("SYNC-2")
  void uncontendedOperationIsNoCancellationPoint() {
    uncontended()
        .forEach((name, operation) -> {
          Task<?> task =
              createTask(() -> {
                currentTask().cancel();
                operation.run();
                trail.add("done");
                try {
                  turn();
                  trail.add("not reached");
                } catch (CancelledError e) {
                  trail.add("cancelled at the next suspension");
                  throw e;
                }
              });
          turn();
          assertCancelled(task);
          assertThat(trail).as(name).containsExactly("done", "cancelled at the next suspension");
          trail.clear();
        });
  }

  private static void run(Action operation) {
    try {
      operation.run();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private interface Wait {
    void run(int number) throws Exception;
  }

  /**
   * Has five tasks wait that begin at different times, then calls {@code serve} until all are
   * served.
   */
  private void assertFirstComeFirstServed(Wait wait, Action serve) throws Exception {
    for (int i = 0; i < 5; i++) {
      int number = i;
      createTask(() -> {
        wait.run(number);
        trail.add(number);
      });
      if (i % 2 == 0) {
        turn();
      }
    }
    turn();
    assertThat(trail).isEmpty();
    for (int i = 0; i < 5; i++) {
      serve.run();
      untilAllBlocked();
    }
    assertThat(trail).containsExactly(0, 1, 2, 3, 4);
    trail.clear();
  }

  @LoopTest
  @Spec("SYNC-3")
  void firstComeFirstServed() throws Exception {
    var lock = new Lock();
    lock.acquire();
    assertFirstComeFirstServed(_ -> lock.acquire(), lock::release);
    for (var semaphore : List.of(new Semaphore(0), boundedAndTaken())) {
      assertFirstComeFirstServed(_ -> semaphore.acquire(), semaphore::release);
    }
    var event = new Event();
    assertFirstComeFirstServed(_ -> event.await(), event::set);
    var condition = new Condition();
    assertFirstComeFirstServed(
        _ -> {
          try (var _ = condition.acquire()) {
            condition.await();
          }
        },
        () -> {
          try (var _ = condition.acquire()) {
            condition.signal();
          }
        });
    var barrier = new Barrier(6);
    assertFirstComeFirstServed(
        number -> assertThat(barrier.await()).isEqualTo(number),
        () -> {
          if (barrier.nWaiting() == 5) {
            barrier.await();
          }
        });
    for (var queue :
        List.of(new Queue<Integer>(), new LifoQueue<Integer>(), new PriorityQueue<Integer>())) {
      assertFirstComeFirstServed(_ -> queue.get(), () -> queue.putNowait(1));
    }
    for (var queue :
        List.of(new Queue<Integer>(1), new LifoQueue<Integer>(1), new PriorityQueue<Integer>(1))) {
      queue.putNowait(0);
      assertFirstComeFirstServed(queue::put, queue::getNowait);
    }
    var joined = new Queue<Integer>();
    joined.putNowait(1);
    boolean[] done = {false};
    assertFirstComeFirstServed(
        _ -> joined.join(),
        () -> {
          if (!done[0]) {
            done[0] = true;
            joined.taskDone();
          }
        });
  }

  private static Semaphore boundedAndTaken() {
    var semaphore = new BoundedSemaphore(5);
    for (int i = 0; i < 5; i++) {
      semaphore.acquire();
    }
    return semaphore;
  }

  @LoopTest
  @Spec("SYNC-10")
  void nothingHasAnOwner() {
    var lock = new Lock();
    var semaphore = new BoundedSemaphore(1);
    var condition = new Condition();
    await(
        createTask(() -> {
          lock.acquire();
          semaphore.acquire();
          condition.acquire();
        }));
    // The holder is gone; whoever likes may go on in its place.
    lock.release();
    semaphore.release();
    condition.signal();
    Task<?> waiter = createTask(condition::await);
    turn();
    assertThat(condition.isLocked()).isFalse();
    waiter.cancel();
    assertCancelled(waiter);
    assertThat(condition.isLocked()).isTrue();
    condition.release();
    assertThat(lock.toString()).endsWith("[unlocked]");
    assertThat(semaphore.toString()).endsWith("[unlocked, value:1]");
  }

  @Test
  @Spec("SYNC-11")
  void noMethodTakesATimeout() {
    for (Class<?> type : CLASSES) {
      for (Method method : type.getMethods()) {
        if (method.getDeclaringClass() == Object.class) {
          continue;
        }
        assertThat(method.getParameterTypes())
            .as(method.toString())
            .doesNotContain(Duration.class, long.class, TimeUnit.class);
      }
    }
  }

  @Test
  @Spec("SYNC-12")
  void waitingIsCalledAwaitAndNotifyingSignalEverywhere() {
    for (Class<?> type : List.of(Event.class, Condition.class, Barrier.class)) {
      assertThat(methods(type)).as(type.getSimpleName()).contains("await").doesNotContain("wait");
    }
    assertThat(methods(Condition.class))
        .contains("awaitFor", "signal", "signalAll")
        .doesNotContain("notify", "notifyAll");
    for (Class<?> type : CLASSES) {
      assertThat(methods(type)).doesNotContain("wait", "notify", "notifyAll", "waitFor");
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers()) && method.getName().startsWith("await")) {
          assertThat(method.isAnnotationPresent(Suspends.class)).as(method.toString()).isTrue();
        }
      }
    }
  }

  private static List<String> methods(Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Method method : type.getDeclaredMethods()) {
      if (Modifier.isPublic(method.getModifiers())) {
        names.add(method.getName());
      }
    }
    return names;
  }

  @LoopTest
  @Spec("SYNC-13")
  void inheritedMonitorMethodsNeverSucceed() {
    var lock = new Lock();
    var condition = new Condition();
    List<Object> objects =
        new ArrayList<>(
            List.of(lock, condition, new Event(), new Semaphore(), new Barrier(1), new Queue<>()));
    objects.add(lock.acquire());
    objects.add(condition.acquire());
    try (var _ = new Semaphore().acquire()) {
      for (Object object : objects) {
        assertThatThrownBy(object::wait).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(() -> object.wait(1)).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(object::notify).isInstanceOf(IllegalMonitorStateException.class);
        assertThatThrownBy(object::notifyAll).isInstanceOf(IllegalMonitorStateException.class);
      }
      // Nor inside code that the library calls.
      condition.awaitFor(() -> {
        assertThatThrownBy(condition::notify).isInstanceOf(IllegalMonitorStateException.class);
        return true;
      });
      var queue =
          new PriorityQueue<Integer>(
              0,
              (a, b) -> {
                trail.add(List.of(a, b));
                for (Object object : objects) {
                  assertThat(Thread.holdsLock(object)).isFalse();
                }
                return a - b;
              });
      queue.put(1);
      queue.put(2);
      assertThat(trail).isNotEmpty();
    }
  }

  @LoopTest
  @Spec("SYNC-14")
  void leavingAScopeReleasesWhateverWayItEnds() {
    var lock = new Lock();
    var condition = new Condition();
    var semaphore = new Semaphore(1);
    var bounded = new BoundedSemaphore(1);
    Map<Object, Supplier<AutoCloseable>> scopes = new LinkedHashMap<>();
    scopes.put(lock, lock::acquire);
    scopes.put(condition, condition::acquire);
    scopes.put(semaphore, semaphore::acquire);
    scopes.put(bounded, bounded::acquire);
    scopes.forEach((object, scope) -> {
      String before = object.toString();
      Task<?> normal = createTask(() -> inScope(scope, object, () -> turn()));
      turn();
      assertThat(object.toString()).endsWith("[locked]");
      turn();
      assertThat(normal.isDone()).isTrue();
      assertThat(object.toString()).isEqualTo(before);

      Task<?> failing =
          createTask(() ->
              inScope(
                  scope,
                  object,
                  () -> {
                    throw new ArithmeticException("in the body");
                  }));
      Turns.assertFails(failing).isInstanceOf(ArithmeticException.class);
      assertThat(object.toString()).isEqualTo(before);

      Task<?> cancelled = createTask(() -> inScope(scope, object, () -> turn()));
      turn();
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(object.toString()).isEqualTo(before);
    });
  }

  private static void inScope(Supplier<AutoCloseable> scope, Object object, Action body)
      throws Exception {
    try (var _ = scope.get()) {
      assertThat(object.toString()).endsWith("[locked]");
      body.run();
    }
  }

  @Test
  @Spec({"SYNC-15", "SYNC-16"})
  void scopeCannotBeUsedWithoutAcquiring() {
    for (Class<?> type : CLASSES) {
      assertThat(AutoCloseable.class.isAssignableFrom(type)).as(type.getName()).isFalse();
      assertThat(Awaitable.class.isAssignableFrom(type)).as(type.getName()).isFalse();
    }
    for (Class<?> guard :
        List.of(Lock.Guard.class, Semaphore.Permit.class, Barrier.Arrival.class)) {
      assertThat(guard.getConstructors()).as(guard.getName()).isEmpty();
    }
    Snippet.accepts("try (var _ = new Lock().acquire()) {}");
    for (String object :
        List.of(
            "new Lock()",
            "new Condition()",
            "new Semaphore()",
            "new BoundedSemaphore()",
            "new Barrier(1)")) {
      Snippet.rejects("try (var scope = " + object + ") {}");
      Snippet.rejects("await(" + object + ");");
    }
    // SYNC-16: an event has no scope form; nothing that one could close.
    for (Method method : Event.class.getDeclaredMethods()) {
      assertThat(AutoCloseable.class.isAssignableFrom(method.getReturnType()))
          .as(method.toString())
          .isFalse();
    }
    assertThat(methods(Barrier.class)).contains("enter");
  }

  @Test
  @Spec("BIND-1")
  void constructorsTakeNoLoopAndNeedNone() throws Exception {
    for (Class<?> type : CLASSES) {
      for (Constructor<?> constructor : type.getConstructors()) {
        assertThat(constructor.getParameterTypes())
            .as(constructor.toString())
            .doesNotContain(EventLoop.class);
      }
    }
    // None runs here; and on any thread:
    List<Object> made = new ArrayList<>();
    Thread thread =
        Thread.ofPlatform()
            .start(() ->
                made.addAll(
                    List.of(
                        new Lock(),
                        new Event(),
                        new Condition(),
                        new Semaphore(),
                        new Barrier(2),
                        new Queue<>())));
    thread.join(20_000);
    assertThat(made).hasSize(6);
    Snippet.rejects("new Lock(newEventLoop());");
    Snippet.rejects("new Condition(newEventLoop());");
  }
}
