package asyncio.sync;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands items between plain threads and tasks, and between the tasks of different loops, first in,
 * first out.
 *
 * <pre>{@code
 * var readings = new ThreadsafeQueue<String>(100);
 * Thread.ofPlatform().start(() -> readFrom(device, readings)); // calls readings.put(…), and waits if 100 are there
 * run(() -> {
 *   while (true) {
 *     store(readings.get()); // suspends this task, not the loop
 *   }
 * });
 * }</pre>
 *
 * <p>It belongs to no loop: it can be made and filled before one exists, and goes on when one is
 * closed. Between tasks of one loop {@link Queue} does the same faster.
 *
 * <p><b>Order:</b> who waits is served in the order in which it began to, threads and tasks alike;
 * nobody overtakes.
 *
 * <p><b>Threading:</b> thread-safe, all of it. A method that waits suspends the calling task, or
 * blocks the calling thread; in a callback, where neither is possible, it throws {@link
 * IllegalStateException}.
 *
 * <p><b>Cancellation:</b> a cancelled or interrupted {@code get} takes nothing and such a {@code
 * put} inserts nothing. An item handed to a task that is cancelled before it runs goes to the next
 * one who waits, or back to the head of the queue, which may then hold one item more than its
 * maximum.
 *
 * @param <T> the type of the items; null is refused
 */
public final class ThreadsafeQueue<T> {
  /*
   * `lock` guards all fields. It is held for a few instructions, in which nothing waits and no code of users runs; so a
   * loop's thread never waits for a suspended task here. Who is served is decided under the lock, and told so after it.
   *
   * A getter is handed its item, which is in the queue no more. A putter is handed a slot (`promised` counts these) and
   * inserts when it runs: until then nothing of it is in the queue.
   */
  private final ReentrantLock lock = new ReentrantLock();
  private final int maxsize;
  private final ArrayDeque<T> items = new ArrayDeque<>();
  private final LinkedHashSet<Waiter<T>> getters = new LinkedHashSet<>();
  private final LinkedHashSet<Waiter<T>> putters = new LinkedHashSet<>();
  private int promised;
  private boolean shutDown;

  /** Makes a queue without maximum size. */
  public ThreadsafeQueue() {
    this(0);
  }

  /** Makes a queue for at most {@code maxsize} items; 0 and negative numbers mean any number. */
  public ThreadsafeQueue(int maxsize) {
    this.maxsize = maxsize;
  }

  // ---- those who wait

  /** One who waits; its fields are guarded by the queue's lock. */
  private abstract static sealed class Waiter<T> {
    /** Served, or turned away by a shutdown; nobody looks at it again but itself. */
    boolean decided;

    boolean served;

    /** What a getter was handed. */
    @Nullable T item;

    /** Waits until {@link #tell} was called. */
    abstract void await() throws InterruptedException;

    /** Says that it is decided; false if there is nobody left to tell. */
    abstract boolean tell();
  }

  private static final class WaitingTask<T> extends Waiter<T> {
    private final Future<@Nullable Void> told;

    WaitingTask(EventLoop loop, WaitKind kind, ThreadsafeQueue<T> queue) {
      told =
          new NamedWait<>(
              loop,
              kind,
              kind == WaitKind.QUEUE_GET ? "get from" : "put into",
              Texts.identity(queue));
    }

    @Override
    void await() {
      told.await();
    }

    @Override
    boolean tell() {
      if (told.loop().isCurrent()) {
        complete();
        return true;
      }
      try {
        told.loop().callSoonThreadsafe(this::complete);
        return true;
      } catch (IllegalStateException closed) {
        return false;
      }
    }

    private void complete() {
      if (!told.isDone()) {
        told.setResult(null);
      }
    }
  }

  private static final class WaitingThread<T> extends Waiter<T> {
    private final Thread thread = Thread.currentThread();
    private volatile boolean told;

    @Override
    void await() throws InterruptedException {
      while (!told) {
        LockSupport.park(this);
        if (!told && Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    }

    @Override
    boolean tell() {
      told = true;
      LockSupport.unpark(thread);
      return true;
    }
  }

  private Waiter<T> newWaiter(WaitKind kind) {
    EventLoop loop;
    try {
      loop = Asyncio.getRunningLoop();
    } catch (IllegalStateException plainThread) {
      return new WaitingThread<>();
    }
    if (Asyncio.currentTask() == null) {
      throw new IllegalStateException(
          "waiting for "
              + Texts.identity(this)
              + " in a callback would block the loop; do it in a task, createTask(() -> …)");
    }
    return new WaitingTask<>(loop, kind, this);
  }

  /**
   * Waits until {@code waiter} is served; if that does not happen, gives back what it may have been
   * handed.
   */
  private void await(Waiter<T> waiter) throws InterruptedException {
    boolean told = false;
    try {
      waiter.await();
      told = true;
    } finally {
      if (!told) {
        tell(withdraw(waiter));
      }
    }
  }

  /**
   * Tells one that it is decided. If it cannot be told, since its loop is closed, its share goes to
   * the next one.
   */
  private void tell(@Nullable Waiter<T> waiter) {
    while (waiter != null && !waiter.tell()) {
      waiter = withdraw(waiter);
    }
  }

  /** Takes one out of its line; returns who gets what it was handed already, if anybody. */
  private @Nullable Waiter<T> withdraw(Waiter<T> waiter) {
    lock.lock();
    try {
      if (!waiter.decided) {
        waiter.decided = true;
        getters.remove(waiter);
        putters.remove(waiter);
        return null;
      }
      if (!waiter.served) {
        return null;
      }
      waiter.served = false;
      T item = waiter.item;
      if (item == null) {
        promised--;
        return promiseSlot();
      }
      waiter.item = null;
      Waiter<T> getter = serveFirst(getters);
      if (getter != null) {
        getter.item = item;
      } else {
        items.addFirst(item);
      }
      return getter;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Waiter<T> serveFirst(SequencedSet<Waiter<T>> line) {
    if (line.isEmpty()) {
      return null;
    }
    Waiter<T> first = line.removeFirst();
    first.decided = true;
    first.served = true;
    return first;
  }

  private @Nullable Waiter<T> promiseSlot() {
    if (!hasRoom()) {
      return null;
    }
    Waiter<T> putter = serveFirst(putters);
    if (putter != null) {
      promised++;
    }
    return putter;
  }

  private boolean hasRoom() {
    return maxsize <= 0 || items.size() + promised < maxsize;
  }

  // ---- put

  /**
   * Inserts an item, waiting until there is room.
   *
   * @throws QueueShutDownException if the queue is shut down, before or meanwhile
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits
   * @throws InterruptedException if the calling thread, which is no task, is interrupted while it
   *     waits
   */
  @Suspends
  public void put(T item) throws InterruptedException {
    Objects.requireNonNull(item, "item");
    Waiter<T> putter = null;
    Waiter<T> getter = null;
    lock.lock();
    try {
      checkOpen();
      if (hasRoom()) {
        getter = insert(item);
      } else {
        putter = newWaiter(WaitKind.QUEUE_PUT);
        putters.add(putter);
      }
    } finally {
      lock.unlock();
    }
    if (putter != null) {
      await(putter);
      lock.lock();
      try {
        if (putter.served) {
          promised--;
        }
        checkOpen();
        getter = insert(item);
      } finally {
        lock.unlock();
      }
    }
    tell(getter);
  }

  /**
   * Inserts an item; never waits.
   *
   * @throws QueueFullException if the queue is full
   * @throws QueueShutDownException if the queue is shut down
   */
  public void putNowait(T item) {
    Objects.requireNonNull(item, "item");
    Waiter<T> getter;
    lock.lock();
    try {
      checkOpen();
      if (!hasRoom()) {
        throw new QueueFullException(
            Texts.identity(this)
                + " is full, with "
                + maxsize
                + " items; use put(), which waits for room");
      }
      getter = insert(item);
    } finally {
      lock.unlock();
    }
    tell(getter);
  }

  private void checkOpen() {
    if (shutDown) {
      throw new QueueShutDownException("cannot put: " + Texts.identity(this) + " was shut down");
    }
  }

  /** Hands the item to the first getter, which is returned, or else stores it. */
  private @Nullable Waiter<T> insert(T item) {
    Waiter<T> getter = serveFirst(getters);
    if (getter != null) {
      getter.item = item;
    } else {
      items.addLast(item);
    }
    return getter;
  }

  // ---- get

  /**
   * Removes and returns the next item, waiting until there is one.
   *
   * @throws QueueShutDownException if the queue is shut down and has no items left
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits
   * @throws InterruptedException if the calling thread, which is no task, is interrupted while it
   *     waits
   */
  @Suspends
  public T get() throws InterruptedException {
    Waiter<T> getter = null;
    Waiter<T> putter = null;
    T item = null;
    lock.lock();
    try {
      if (!items.isEmpty()) {
        item = items.removeFirst();
        putter = promiseSlot();
      } else if (!shutDown) {
        getter = newWaiter(WaitKind.QUEUE_GET);
        getters.add(getter);
      }
    } finally {
      lock.unlock();
    }
    tell(putter);
    if (getter != null) {
      await(getter);
      item = getter.item; // written before we were told
    }
    if (item == null) {
      throw emptyAndShutDown();
    }
    return item;
  }

  /**
   * Removes and returns the next item; never waits.
   *
   * @throws QueueEmptyException if there is none
   * @throws QueueShutDownException if there is none and the queue is shut down
   */
  public T getNowait() {
    T item;
    Waiter<T> putter;
    lock.lock();
    try {
      if (items.isEmpty()) {
        if (shutDown) {
          throw emptyAndShutDown();
        }
        throw new QueueEmptyException(
            Texts.identity(this) + " is empty; use get(), which waits for an item");
      }
      item = items.removeFirst();
      putter = promiseSlot();
    } finally {
      lock.unlock();
    }
    tell(putter);
    return item;
  }

  private QueueShutDownException emptyAndShutDown() {
    return new QueueShutDownException(
        "cannot get: " + Texts.identity(this) + " was shut down and is empty");
  }

  // ---- shutdown

  /** As {@link #shutdown(boolean) shutdown(false)}. */
  public void shutdown() {
    shutdown(false);
  }

  /**
   * Refuses all further items. Those that are there can still be got, after which {@link #get}
   * throws; all who wait get a {@link QueueShutDownException}. There is no way back.
   *
   * @param immediate whether to throw the items away too
   */
  public void shutdown(boolean immediate) {
    List<Waiter<T>> turnedAway = new ArrayList<>();
    lock.lock();
    try {
      shutDown = true;
      if (immediate) {
        items.clear();
      }
      turnedAway.addAll(getters); // there are none unless the queue is empty
      turnedAway.addAll(putters);
      getters.clear();
      putters.clear();
      turnedAway.forEach(waiter -> waiter.decided = true);
    } finally {
      lock.unlock();
    }
    turnedAway.forEach(this::tell);
  }

  // ---- state: what was so a moment ago, if other threads use the queue

  /** The maximum size as it was given. */
  public int maxsize() {
    return maxsize;
  }

  /** How many items are there now. */
  public int qsize() {
    lock.lock();
    try {
      return items.size();
    } finally {
      lock.unlock();
    }
  }

  /** Whether there is no item now. */
  public boolean isEmpty() {
    return qsize() == 0;
  }

  /** Whether {@link #put} would wait now; never true without a maximum size. */
  public boolean isFull() {
    lock.lock();
    try {
      return !hasRoom();
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #shutdown} was called. */
  public boolean isShutDown() {
    lock.lock();
    try {
      return shutDown;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    lock.lock();
    try {
      return Texts.identity(this)
          + " [maxsize="
          + maxsize
          + (items.isEmpty() ? "" : " items=" + items.size())
          + (getters.isEmpty() ? "" : " getters=" + getters.size())
          + (putters.isEmpty() ? "" : " putters=" + putters.size())
          + (shutDown ? " shutdown" : "")
          + "]";
    } finally {
      lock.unlock();
    }
  }
}
