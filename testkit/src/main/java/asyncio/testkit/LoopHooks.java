package asyncio.testkit;

import asyncio.AbstractEventLoop;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the loops of this package do for the tests that run on them. */
final class LoopHooks {
  final AbstractEventLoop loop;
  final TaskWatch watch;
  private final LongSupplier firstTimer;

  /** The network of the loop; null in real time. */
  final @Nullable MemoryNetwork network;

  // loop thread only
  private final List<Future<@Nullable Void>> idleWaiters = new ArrayList<>();

  /** Which of several runs this is; for the messages of those that hang. */
  private @Nullable String currentRun;

  // shared; written before the loop runs
  /** What was reported to the default exception handler; null if it is to be logged. */
  private volatile @Nullable List<ErrorContext> reports;

  LoopHooks(AbstractEventLoop loop, LongSupplier firstTimer, @Nullable MemoryNetwork network) {
    this.loop = loop;
    this.firstTimer = firstTimer;
    this.network = network;
    this.watch = new TaskWatch(loop);
    loop.addInstrument(watch);
  }

  /** Those of a loop of this package; null for others. */
  static @Nullable LoopHooks of(EventLoop loop) {
    return switch (loop) {
      case VirtualTimeLoop virtual -> virtual.hooks;
      case RealTimeLoop real -> real.hooks;
      default -> null;
    };
  }

  /** When the first timer is due; {@link EventLoop#NEVER} if none is scheduled. */
  long firstTimer() {
    return firstTimer.getAsLong();
  }

  /** The channels of the network that are open. */
  List<Channel> openChannels() {
    return network == null ? List.of() : network.openChannels();
  }

  // ---- which run this is

  /** Names the run that begins; gives the name before it. */
  @Nullable String describeRun(@Nullable String name) {
    String before = currentRun;
    currentRun = name;
    return before;
  }

  /** The name of the run in brackets, to go behind something; empty if it has none. */
  String currentRun() {
    return currentRun == null ? "" : " (" + currentRun + ")";
  }

  // ---- those who wait until the loop has nothing to do

  /** A future that is done once nothing is ready. */
  Future<@Nullable Void> whenIdle() {
    Future<@Nullable Void> idle = loop.createFuture();
    idleWaiters.add(idle);
    return idle;
  }

  /**
   * Completes those futures; the loop calls this where it would wait. Returns whether there were
   * any, so that it must not.
   */
  boolean wakeIdleWaiters() {
    boolean any = false;
    for (Future<@Nullable Void> waiter : idleWaiters) {
      if (!waiter.isDone()) {
        waiter.setResult(null);
        any = true;
      }
    }
    idleWaiters.clear();
    return any;
  }

  // ---- reports

  /**
   * Collects reports to the default exception handler from now on, in a list that is returned,
   * instead of logging them.
   */
  List<ErrorContext> collectReports() {
    List<ErrorContext> collected = new CopyOnWriteArrayList<>();
    reports = collected;
    return collected;
  }

  /** Whether the report was collected; else it is to be logged. */
  boolean collect(ErrorContext report) {
    List<ErrorContext> collected = reports;
    return collected != null && collected.add(report);
  }
}
