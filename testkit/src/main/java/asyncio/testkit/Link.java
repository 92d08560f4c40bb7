package asyncio.testkit;

import asyncio.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One channel's way into the network: which conditions hold there, and since when it is ready.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class Link {
  final MemoryNetwork network;

  /** The conditions of the channel itself. */
  final NetworkConditions own;

  /** Where the conditions of an address come from; null while that is not known. */
  @Nullable SocketAddress remote;

  /**
   * Grows with each event: the position among those that are ready; 0 if nothing has happened since
   * a selector found the channel not ready.
   */
  long readySince;

  /** When the last thing arrives that was sent: nothing overtakes it. */
  private long lastArrival;

  Link(MemoryNetwork network) {
    this.network = network;
    this.own = new NetworkConditions(network);
  }

  /** Notes that something has happened here that makes the channel ready, perhaps. */
  void touch() {
    if (readySince == 0) {
      readySince = network.nextEventNumber();
    }
  }

  // ---- conditions

  private <T> @Nullable T first(Function<NetworkConditions, @Nullable T> value) {
    for (NetworkConditions conditions : network.conditions(own, remote)) {
      T found = value.apply(conditions);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private boolean any(Predicate<NetworkConditions> test) {
    for (NetworkConditions conditions : network.conditions(own, remote)) {
      if (test.test(conditions)) {
        return true;
      }
    }
    return false;
  }

  /** How many bytes one call may move. */
  int maxBytes() {
    Integer max = first(c -> c.maxBytes);
    return max == null ? Integer.MAX_VALUE : max;
  }

  boolean writesBlocked() {
    Boolean blocked = first(c -> c.writesBlocked);
    return blocked != null && blocked;
  }

  /** Whether a datagram that is sent now is lost. */
  boolean loses() {
    if (any(NetworkConditions::takeDrop)) {
      return true;
    }
    Double loss = first(c -> c.loss);
    return loss != null && network.nextRandom() < loss;
  }

  boolean failsAccept() {
    return any(NetworkConditions::takeAcceptFailure);
  }

  @Nullable Supplier<? extends IOException> connectFailure() {
    return first(NetworkConditions::takeConnectFailure);
  }

  private Duration latency() {
    Duration latency = first(c -> c.latency);
    return latency == null ? Duration.ZERO : latency;
  }

  /** When a connect that begins now ends. */
  long endOfConnect() {
    Duration delay = first(c -> c.connectDelay);
    return after(delay != null ? delay : latency().multipliedBy(2));
  }

  private long after(Duration delay) {
    long now = network.now();
    return delay.compareTo(Duration.ofNanos(EventLoop.NEVER - now)) >= 0
        ? EventLoop.NEVER
        : now + delay.toNanos();
  }

  // ---- sending

  /** Lets something arrive after the latency, behind all that was sent before. */
  void send(Runnable arrival) {
    long when = Math.max(after(latency()), lastArrival);
    lastArrival = when;
    if (when <= network.now()) {
      arrival.run();
    } else {
      network.schedule(when, arrival);
    }
  }

  /** Lets a datagram arrive after the latency; one that is sent later may overtake it. */
  void sendUnordered(Runnable arrival) {
    long when = after(latency());
    if (when <= network.now()) {
      arrival.run();
    } else {
      network.schedule(when, arrival);
    }
  }
}
