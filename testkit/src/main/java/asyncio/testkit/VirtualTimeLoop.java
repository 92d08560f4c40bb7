package asyncio.testkit;

import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.SelectorEventLoop;
import asyncio.inspect.Snapshot;
import asyncio.inspect.SnapshotOptions;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An event loop whose clock jumps to the next deadline instead of waiting: an hour of timeouts
 * takes a millisecond, and the same program does the same thing each time.
 *
 * <p>Its I/O is that of a {@link MemoryNetwork}: servers, connections and datagrams work as ever,
 * in memory and in virtual time, with channels that this network has opened and no others. Names
 * are those that the network was {@linkplain MemoryNetwork#addHost told}; nobody else is asked.
 *
 * <p>Where nothing is ready the loop looks, in this order, at
 *
 * <ol>
 *   <li>work outside the loop: a call in an executor, {@link #externalWork}, a task that is blocked
 *       in a JDK call. Time stands still while it is under way, but in real time no longer than the
 *       {@linkplain #setPatience patience}, counted from the last wake-up;
 *   <li>timers, and what is under way in the network: the clock jumps to the first of them;
 *   <li>nothing: after the patience, which a thread that the loop does not know of may use to wake
 *       it, the run ends with {@link DeadlockError}, whose message says who waits for what.
 * </ol>
 *
 * <p>It can be driven by hand too: {@link #runBriefly}, {@link #runUntilIdle}, {@link #advance}.
 *
 * <p><b>Threading:</b> as {@link asyncio.EventLoop} says.
 */
public class VirtualTimeLoop extends SelectorEventLoop {
  private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(1);

  private static final Duration LONGEST_EXTERNAL_WORK = Duration.ofSeconds(60);

  // immutable
  private final MemoryNetwork network;
  private final MemoryNames names;
  private final Runnable networkListener = this::networkChanged;

  // loop thread only
  final LoopHooks hooks;
  private Duration patience = DEFAULT_PATIENCE;

  /** Null for the natural order, like the next one. */
  private @Nullable Orders orders;

  private @Nullable SeededExecutor seededExecutor;

  /** Whether the patience was used up and nobody has woken the loop since. */
  private boolean impatient;

  /** While the loop is driven by hand, the time at which it stops; else -1. */
  private long driveUntil = -1;

  // shared
  private volatile long now;
  private final Set<Object> externalWork = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile @Nullable Thread waiting;

  /** Makes a loop at time 0 that runs its tasks with the preferred engine. */
  public VirtualTimeLoop() {
    this(Engine.preferred());
  }

  /** Makes a loop at time 0. */
  public VirtualTimeLoop(Engine engine) {
    this(engine, 0);
  }

  /**
   * Makes a loop at a time of choice.
   *
   * @param start in nanoseconds, not negative
   */
  public VirtualTimeLoop(Engine engine, long start) {
    this(engine, start, new MemoryNetwork());
  }

  /**
   * Makes a loop in a network that others use too, or that was prepared before.
   *
   * @param start in nanoseconds, not negative
   */
  @SuppressWarnings("this-escape") // nothing calls the hooks before a run
  public VirtualTimeLoop(Engine engine, long start, MemoryNetwork network) {
    super(engine, network);
    if (start < 0) {
      throw new IllegalArgumentException("start must not be negative: " + start);
    }
    now = start;
    this.network = network;
    this.names = new MemoryNames(network);
    hooks = new LoopHooks(this, this::nextDeadline, network);
    network.addLoop(this::time, networkListener);
  }

  /** The network that the channels of this loop are in. */
  public MemoryNetwork network() {
    return network;
  }

  // ---- by hand

  /** Runs what is ready now, once: an empty task is created behind it and run to its end. */
  public void runBriefly() {
    runUntilComplete(() -> {});
  }

  /**
   * Runs until every task is blocked and nothing is due; time stands still. Does not wait for work
   * outside the loop.
   */
  public void runUntilIdle() {
    advance(Duration.ZERO);
  }

  /**
   * Lets {@code duration} pass: runs everything that is due in it, in order, and leaves the clock
   * at its end. Does not wait for work outside the loop.
   *
   * @throws IllegalStateException if the loop is running; a task lets time pass with {@code sleep}
   */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("time does not run backwards: " + duration);
    }
    if (isRunning()) {
      throw new IllegalStateException(
          "advance() drives a loop that is not running; inside a task use sleep(" + duration + ")");
    }
    boolean isForEver = duration.compareTo(Duration.ofNanos(NEVER - now)) >= 0;
    driveUntil = isForEver ? NEVER : now + duration.toNanos();
    try {
      runForever();
    } finally {
      driveUntil = -1;
    }
  }

  /**
   * How long in real time the loop waits for other threads, at most, before it goes on or gives up;
   * 1 s at first.
   */
  public void setPatience(Duration patience) {
    this.patience = Objects.requireNonNull(patience, "patience");
  }

  /**
   * Announces work that another thread does for this loop, and that will wake it.
   *
   * @param what shown in reports
   * @return to be closed, on any thread, when that is done
   */
  public ExternalWork externalWork(String what) {
    Object entry =
        new Object() {
          @Override
          public String toString() {
            return what;
          }
        };
    externalWork.add(entry);
    return () -> {
      if (externalWork.remove(entry)) {
        wakeUp();
      }
    };
  }

  /** Who waits for what, as text, one paragraph a task. Thread-safe. */
  public String describeTasks() {
    return hooks.watch.picture();
  }

  // ---- other orders

  /**
   * Has this loop hear of what happens outside it in another order than the natural one, which the
   * seed decides: the same seed gives the same order again. What the loop promises stays as it is.
   *
   * <p>Free are: the order in which one poll finds the channels that are ready; whether a poll
   * finds a ready channel, or only the next one does, or the one after that; whether what arrives
   * at the very time of a timer comes before the timer or after it; how many iterations a look-up
   * of a name takes; and when the default executor makes its calls, one after the other, and in
   * which order. Everything else is as ever, above all the order of {@code callSoon}, of the
   * callbacks of a future, of timers, of the operations on one channel, and of bytes.
   *
   * <p>What other threads do, and other executors, is not in the hands of a seed.
   *
   * @throws IllegalStateException if the loop is running
   */
  public void setOrderSeed(long seed) {
    if (isRunning()) {
      throw new IllegalStateException("the order cannot change while the loop runs; set it before");
    }
    orders = new Orders(seed);
    network.setOrders(orders);
    if (seededExecutor == null) {
      SeededExecutor executor = new SeededExecutor(this::wakeUp);
      setDefaultExecutor(executor);
      seededExecutor = executor;
    }
  }

  // ---- what the scheduling part asks for

  /** The virtual time. */
  @Override
  public long time() {
    return now;
  }

  @Override
  public List<AddressInfo> getaddrinfo(
      @Nullable String host, @Nullable String service, AddressOptions options)
      throws UnknownHostException {
    return names.getaddrinfo(
        host, options, (number, changed) -> super.getaddrinfo(number, service, changed));
  }

  @Override
  public NameInfo getnameinfo(InetSocketAddress address, NameFlag... flags)
      throws UnknownHostException {
    return names.getnameinfo(address, flags, changed -> super.getnameinfo(address, changed));
  }

  @Override
  protected void poll(long timeoutNanos) {
    boolean heldBack = pollNetwork();
    boolean isBusy = timeoutNanos <= 0 || hasReady() || heldBack;
    if (makeCall(isBusy)) {
      return;
    }
    if (isBusy) {
      woken.set(false); // who woke the loop has queued something, which is taken after this
    } else if (woken.getAndSet(false)) {
      impatient = false;
    } else if (!hooks.wakeIdleWaiters()) {
      passTime();
    }
  }

  /** Queues the callbacks of ready channels; says whether there are others that it kept back. */
  private boolean pollNetwork() {
    Orders chosen = orders;
    if (chosen != null) {
      chosen.begin();
    }
    network.catchUp();
    super.poll(0);
    return chosen != null && chosen.heldBack();
  }

  /**
   * Has the executor of a seed make a call, which has ended when this returns, unless it waits for
   * something; false if there is none to make.
   */
  private boolean makeCall(boolean isBusy) {
    SeededExecutor executor = seededExecutor;
    if (orders == null
        || executor == null
        || !executor.hasHeld()
        || (isBusy && (executor.isBusy() || !orders.callsNow()))) {
      return false;
    }
    if (executor.isBusy() && !impatient && waitForWakeUp(patience)) {
      return true;
    }
    woken.set(false); // what it stood for is noticed in this iteration anyway
    executor.startOne(orders.random());
    if (waitForWakeUp(patience)) {
      executor.awaitRest(patience); // it is still at work, or it waits for the loop
      woken.set(false); // all that it has queued is taken after this
    }
    return true;
  }

  private void passTime() {
    pass();
    if (orders != null && orders.ioBeforeTimers()) {
      pollNetwork();
    }
  }

  private void pass() {
    long deadline = Math.min(nextDeadline(), network.nextEventTime());
    if (driveUntil >= 0) {
      now = Math.max(now, Math.min(deadline, driveUntil));
      if (deadline > driveUntil || deadline == NEVER) {
        stop();
      }
      return;
    }
    boolean othersWork =
        !externalWork.isEmpty()
            || hooks.watch.anyThreadAwaited()
            || hooks.watch.anyTaskAway()
            || (seededExecutor != null && seededExecutor.isBusy());
    if (deadline != NEVER) {
      if (!othersWork || impatient || !waitForWakeUp(patience)) {
        now = Math.max(now, deadline);
      }
    } else if (!waitForWakeUp(othersWork ? LONGEST_EXTERNAL_WORK : patience)) {
      throw new DeadlockError(describeDeadlock());
    }
  }

  /** Waits in real time; false if nobody woke the loop. */
  private boolean waitForWakeUp(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    waiting = Thread.currentThread();
    try {
      while (!woken.getAndSet(false)) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          impatient = true;
          return false;
        }
        LockSupport.parkNanos(this, left);
        if (Thread.currentThread().isInterrupted()) {
          return true; // the loop looks at interrupts between two polls
        }
      }
    } finally {
      waiting = null;
    }
    impatient = false;
    return true;
  }

  private String describeDeadlock() {
    String others =
        externalWork.isEmpty()
            ? ""
            : "\nwork outside the loop: "
                + externalWork.stream()
                    .map(Object::toString)
                    .sorted()
                    .collect(Collectors.joining(", "));
    return "deadlock: every task waits, no timer is left, and nothing woke the loop"
        + hooks.currentRun()
        + circles()
        + "\n"
        + describeTasks()
        + others;
  }

  /** The tasks that wait for one another, which is most often what it is about. */
  private String circles() {
    SnapshotOptions bare = SnapshotOptions.DEFAULT.withMaxTasks(0).withoutStacks();
    return Snapshot.of(this, bare).cycles().stream()
        .map(cycle -> "\nin a circle: " + cycle)
        .collect(Collectors.joining());
  }

  @Override
  protected void wakeUp() {
    woken.set(true);
    Thread thread = waiting;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Has a thread that waits in {@link #poll} look again; the loop's own changes it looks at anyway.
   */
  private void networkChanged() {
    if (!isCurrent()) {
      wakeUp();
    }
  }

  @Override
  protected void closeIo() {
    network.removeLoop(networkListener);
    if (seededExecutor != null) {
      seededExecutor.release();
    }
    super.closeIo();
  }

  @Override
  public void defaultExceptionHandler(ErrorContext context) {
    if (!hooks.collect(context)) {
      super.defaultExceptionHandler(context);
    }
  }
}
