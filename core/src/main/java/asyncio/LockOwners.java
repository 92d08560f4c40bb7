package asyncio;

import asyncio.inspect.StallReport.LockWait;
import asyncio.internal.inspect.LockOwner;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which lock of {@code java.util.concurrent} a thread waits for, and who holds it. Asks
 * the JVM through module {@code java.management}; without it nothing is found.
 *
 * <p>For {@code synchronized} see {@link MonitorOwners}.
 */
final class LockOwners {
  private static final boolean AVAILABLE =
      ModuleLayer.boot().findModule("java.management").isPresent();

  private static final int STAND_IN_TRIES = 1000;
  private static final long STAND_IN_PAUSE_NANOS = 100_000;

  private LockOwners() {}

  /** The lock that {@code waiter} waits for; null if it waits for none, or nobody has it. */
  static @Nullable LockWait of(AbstractEventLoop loop, Thread waiter) {
    if (AVAILABLE
        && LockSupport.getBlocker(waiter) instanceof AbstractOwnableSynchronizer synchronizer) {
      ThreadInfo info =
          waiter.isVirtual() ? infoOfStandIn(synchronizer) : infoOf(waiter.threadId());
      if (info != null && info.getLockInfo() != null && info.getLockOwnerId() != -1) {
        return describe(
            loop, info.getLockInfo().toString(), info.getLockOwnerId(), info.getLockOwnerName());
      }
    }
    return null;
  }

  /** Who owns the synchronizer now; null if nobody does, or if that cannot be found out. */
  static @Nullable LockOwner ownerOf(AbstractOwnableSynchronizer synchronizer) {
    ThreadInfo info = AVAILABLE ? infoOfStandIn(synchronizer) : null;
    return info == null || info.getLockInfo() == null || info.getLockOwnerId() == -1
        ? null
        : new LockOwner(
            info.getLockOwnerId(), Objects.requireNonNullElse(info.getLockOwnerName(), ""));
  }

  private static @Nullable ThreadInfo infoOf(long threadId) {
    return ManagementFactory.getThreadMXBean().getThreadInfo(threadId);
  }

  /**
   * The JVM tells nothing of virtual threads. It tells what a platform thread is parked for, and
   * who owns that; so one is parked for it, which does not touch the lock.
   */
  private static @Nullable ThreadInfo infoOfStandIn(AbstractOwnableSynchronizer synchronizer) {
    Thread standIn =
        Thread.ofPlatform()
            .daemon()
            .name("asyncio-stall-probe")
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park(synchronizer);
              }
            });
    try {
      for (int tries = 0; tries < STAND_IN_TRIES; tries++) {
        ThreadInfo info = infoOf(standIn.threadId());
        if (info == null || info.getLockInfo() != null) {
          return info;
        }
        LockSupport.parkNanos(STAND_IN_PAUSE_NANOS); // it is about to park
      }
      return null;
    } finally {
      standIn.interrupt();
    }
  }

  /** A lock whose owner is known by its thread. */
  static LockWait describe(
      AbstractEventLoop loop, String lock, long ownerId, @Nullable String ownerName) {
    Task<?> owner = LoopStalls.taskOfThread(loop, ownerId);
    TaskStepper stepper = owner == null ? null : owner.stepper();
    return new LockWait(
        lock,
        ownerName == null ? "" : ownerName,
        ownerId,
        owner == null ? null : TaskPlaces.of(owner, TaskPlaces.placeOf(owner)),
        owner != null && owner.loop == loop,
        stepper == null ? List.of() : stepper.userStack());
  }
}
