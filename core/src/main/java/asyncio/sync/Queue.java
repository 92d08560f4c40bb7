package asyncio.sync;

import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.sync.WaitQueue.Waiter;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hands items from tasks that produce them to tasks that consume them, first in, first out.
 *
 * <p>With a maximum size {@link #put} waits while the queue is full, so that producers do not run
 * ahead. {@link #join} waits until every item has been reported done; {@link #shutdown} ends the
 * traffic.
 *
 * <p><b>Order:</b> waiting tasks are served in the order in which they began to wait. A wake-up is
 * a hint: code that runs before the woken task may take the item; the woken task then waits again,
 * in its old place.
 *
 * <p><b>Threading:</b> loop-confined.
 *
 * <p><b>Cancellation:</b> a cancelled {@code get} takes nothing and a cancelled {@code put} inserts
 * nothing; no item and no wake-up is lost (spec ).
 *
 * @param <T> the type of the items; null is refused, {@link #shutdown} says 'no more'
 */
public sealed class Queue<T> permits LifoQueue, PriorityQueue {

  /**
   * Where the items of a queue are, and which one is next: what the kinds of queues differ in.
   *
   * <p>Its {@code toString} is what the text form of the queue shows for the items.
   */
  public interface Storage<T> {
    /** Adds an item, or throws and leaves everything as it was. */
    void insert(T item);

    /** Removes the item that is next. Called only if there is one. */
    T remove();

    /** How many items there are. */
    int size();

    /** Throws all items away. */
    default void clear() {
      while (size() > 0) {
        remove();
      }
    }
  }

  private static final long NO_TICKET = -1;

  private final int maxsize;
  private final Storage<T> items;
  private final Binding binding = new Binding(this);
  private final WaitQueue getters = new Line("queue item", WaitKind.QUEUE_GET);
  private final WaitQueue putters = new Line("queue slot", WaitKind.QUEUE_PUT);
  private final WaitQueue joiners = new Line("queue join", WaitKind.QUEUE_JOIN);
  private int unfinished;
  private boolean shutDown;

  /**
   * The numbers of the threads that put and got last, for pictures of who waits for what: numbers,
   * so that no thread is kept.
   */
  private long lastPutter;

  private long lastGetter;

  /** One of the lines here. */
  private final class Line extends WaitQueue {
    private final WaitKind sort;

    Line(String kind, WaitKind sort) {
      super(binding, kind, sort);
      this.sort = sort;
    }

    @Override
    void holders(Consumer<Object> to) {
      long last = sort == WaitKind.QUEUE_GET ? lastPutter : lastGetter;
      if (last != 0) {
        to.accept(last);
      }
    }
  }

  /** Makes a queue without maximum size. */
  public Queue() {
    this(0);
  }

  /** Makes a queue for at most {@code maxsize} items; 0 and negative numbers mean any number. */
  public Queue(int maxsize) {
    this(maxsize, new Fifo<>());
  }

  /**
   * Makes a queue whose items leave in the order that {@code storage}, which must be empty,
   * decides.
   */
  public Queue(int maxsize, Storage<T> storage) {
    this.maxsize = maxsize;
    this.items = Objects.requireNonNull(storage, "storage");
  }

  private static final class Fifo<T> implements Storage<T> {
    private final ArrayDeque<T> deque = new ArrayDeque<>();

    @Override
    public void insert(T item) {
      deque.addLast(item);
    }

    @Override
    public T remove() {
      return deque.removeFirst();
    }

    @Override
    public int size() {
      return deque.size();
    }

    @Override
    public String toString() {
      return deque.toString();
    }
  }

  // ---- state

  /** The maximum size as it was given. */
  public final int maxsize() {
    return maxsize;
  }

  /** How many items are there now. */
  public final int qsize() {
    return items.size();
  }

  /** Whether there is no item now. */
  public final boolean isEmpty() {
    return items.size() == 0;
  }

  /** Whether {@link #put} would suspend now; never true without a maximum size. */
  public final boolean isFull() {
    return maxsize > 0 && items.size() >= maxsize;
  }

  /** Whether {@link #shutdown} was called. */
  public final boolean isShutDown() {
    return shutDown;
  }

  // ---- put

  /**
   * Inserts an item, waiting until there is room.
   *
   * @throws QueueShutDownException if the queue is shut down, before or meanwhile
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits; nothing is
   *     inserted
   */
  @Suspends
  public final void put(T item) {
    Objects.requireNonNull(item, "item");
    binding.check();
    long ticket = NO_TICKET;
    while (isFull() && !shutDown) {
      ticket = awaitTurn(putters, ticket, this::hasRoom);
    }
    boolean inserted = false;
    try {
      putNowait(item);
      inserted = true;
    } finally {
      if (!inserted && ticket != NO_TICKET && hasRoom()) {
        putters.wakeFirstPending(); // the storage refused the item, so the slot is for the next one
      }
    }
  }

  /**
   * Inserts an item; never waits.
   *
   * @throws QueueFullException if the queue is full
   * @throws QueueShutDownException if the queue is shut down
   */
  public final void putNowait(T item) {
    Objects.requireNonNull(item, "item");
    binding.check();
    if (shutDown) {
      throw new QueueShutDownException("cannot put: " + Texts.identity(this) + " was shut down");
    }
    if (isFull()) {
      throw new QueueFullException(
          Texts.identity(this)
              + " is full, with "
              + maxsize
              + " items; use put(), which waits for room");
    }
    items.insert(item);
    unfinished++;
    lastPutter = Thread.currentThread().threadId();
    getters.wakeFirstPending();
  }

  private boolean hasRoom() {
    return !isFull();
  }

  // ---- get

  /**
   * Removes and returns the next item, waiting until there is one.
   *
   * @throws QueueShutDownException if the queue is shut down and has no items left
   * @throws asyncio.CancelledError if the calling task is cancelled while it waits; nothing is
   *     removed
   */
  @Suspends
  public final T get() {
    binding.check();
    long ticket = NO_TICKET;
    while (isEmpty() && !shutDown) {
      ticket = awaitTurn(getters, ticket, this::hasItem);
    }
    return getNowait();
  }

  /**
   * Removes and returns the next item; never waits.
   *
   * @throws QueueEmptyException if there is none
   * @throws QueueShutDownException if there is none and the queue is shut down
   */
  public final T getNowait() {
    binding.check();
    if (isEmpty()) {
      if (shutDown) {
        throw new QueueShutDownException(
            "cannot get: " + Texts.identity(this) + " was shut down and is empty");
      }
      throw new QueueEmptyException(
          Texts.identity(this) + " is empty; use get(), which waits for an item");
    }
    T item = items.remove();
    lastGetter = Thread.currentThread().threadId();
    putters.wakeFirstPending();
    return item;
  }

  private boolean hasItem() {
    return !isEmpty();
  }

  /**
   * The items as they come, each removed when it is asked for, until the queue is shut down and
   * empty.
   *
   * <pre>{@code
   * for (var job : jobs.items()) {
   *   handle(job);
   *   jobs.taskDone();
   * }
   * }</pre>
   *
   * <p>Asking for the next one suspends while there is none. Several tasks may do so, and share the
   * items.
   */
  public final Iterable<T> items() {
    return Items::new;
  }

  /** As {@link #items}, as a sequential stream; its terminal operation suspends. */
  public final Stream<T> stream() {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(new Items(), Spliterator.NONNULL), false);
  }

  private final class Items implements Iterator<T> {
    private @Nullable T next;

    @Override
    @Suspends
    public boolean hasNext() {
      if (next == null) {
        try {
          next = get();
        } catch (QueueShutDownException end) {
          return false;
        }
      }
      return true;
    }

    @Override
    @Suspends
    public T next() {
      T item = hasNext() ? next : null;
      if (item == null) {
        throw new NoSuchElementException(
            Texts.identity(Queue.this) + " was shut down and is empty");
      }
      next = null;
      return item;
    }
  }

  /**
   * Waits for a wake-up, in the place of {@code ticket} or else at the end; returns the ticket of
   * the place.
   */
  private static long awaitTurn(WaitQueue line, long ticket, BooleanSupplier othersCanGoOn) {
    Waiter waiter = ticket == NO_TICKET ? line.join() : line.rejoin(ticket);
    boolean woken = false;
    try {
      line.await(waiter);
      woken = true;
      return waiter.ticket();
    } finally {
      if (!woken && waiter.wasWoken() && othersCanGoOn.getAsBoolean()) {
        line.wakeFirstPending(); // we cannot use the wake-up: pass it on
      }
    }
  }

  // ---- join

  /**
   * Reports that the work on one item is done.
   *
   * @throws IllegalArgumentException if more is reported done than was put in
   */
  public final void taskDone() {
    binding.check();
    if (unfinished == 0) {
      throw new IllegalArgumentException(
          "task_done() called too many times: call taskDone() once for each item got");
    }
    finished(1);
  }

  private void finished(int items) {
    unfinished = Math.max(0, unfinished - items);
    if (unfinished == 0) {
      joiners.wakeAll();
    }
  }

  /** Waits until the work on every item that was put in is {@linkplain #taskDone reported done}. */
  @Suspends
  public final void join() {
    binding.check();
    if (unfinished > 0) {
      joiners.await(joiners.join());
    }
  }

  // ---- shutdown

  /** As {@link #shutdown(boolean) shutdown(false)}. */
  public final void shutdown() {
    shutdown(false);
  }

  /**
   * Refuses all further items. Those that are there can still be got, after which {@link #get}
   * throws; tasks that wait are woken and get a {@link QueueShutDownException}. There is no way
   * back.
   *
   * @param immediate whether to throw the items away too; they count as done
   */
  public final void shutdown(boolean immediate) {
    binding.check();
    shutDown = true;
    if (immediate) {
      int dropped = items.size();
      items.clear();
      finished(dropped);
    }
    getters.wakeAll();
    putters.wakeAll();
  }

  @Override
  public String toString() {
    StringBuilder state = new StringBuilder("maxsize=").append(maxsize);
    if (!isEmpty()) {
      state.append(" items=").append(items);
    }
    if (!getters.isEmpty()) {
      state.append(" getters=").append(getters.size());
    }
    if (!putters.isEmpty()) {
      state.append(" putters=").append(putters.size());
    }
    if (unfinished > 0) {
      state.append(" tasks=").append(unfinished);
    }
    if (shutDown) {
      state.append(" shutdown");
    }
    return Texts.identity(this) + " [" + state + "]";
  }
}
