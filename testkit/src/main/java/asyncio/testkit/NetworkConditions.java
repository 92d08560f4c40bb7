package asyncio.testkit;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link MemoryNetwork} treats some of its traffic: how slow it is, and what goes wrong.
 *
 * <p>There are conditions {@linkplain MemoryNetwork#everywhere() everywhere}, {@linkplain
 * MemoryNetwork#at for what goes to an address}, and {@linkplain MemoryNetwork#of for one channel}.
 * What is set for a channel counts before what is set for the address that it talks to, and that
 * before what is set everywhere; a listener's own address is the one it listens at. What is not set
 * anywhere is as on a perfect network: at once, and as much as the buffers hold.
 *
 * <p>Everything may be changed at any time, and counts from then on; what is under way already
 * arrives as it would have.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class NetworkConditions {
  private final MemoryNetwork network;

  // guarded by network.lock
  @Nullable Duration latency;
  @Nullable Duration connectDelay;
  @Nullable Integer maxBytes;
  @Nullable Boolean writesBlocked;
  @Nullable Double loss;
  private int datagramsToDrop;
  private int acceptsToFail;
  private int connectsToFail;
  private @Nullable Supplier<? extends IOException> connectFailure;

  NetworkConditions(MemoryNetwork network) {
    this.network = network;
  }

  /** Has bytes and datagrams arrive that long after they were written. */
  public NetworkConditions setLatency(Duration latency) {
    checkNotNegative(latency, "latency");
    return set(() -> this.latency = latency);
  }

  /**
   * Has a connect take that long, instead of twice the latency. With a delay of years nobody ever
   * answers.
   */
  public NetworkConditions setConnectDelay(Duration delay) {
    checkNotNegative(delay, "delay");
    return set(() -> connectDelay = delay);
  }

  private static void checkNotNegative(Duration duration, String name) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative: " + duration);
    }
  }

  /**
   * Has each read and each write of a stream move so many bytes at most: 1 is a trickle, in which
   * no two bytes come together.
   */
  public NetworkConditions setMaxBytes(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count must be at least 1: " + count);
    }
    return set(() -> maxBytes = count);
  }

  /**
   * Has no write take anything, as if the buffers were full; nothing is lost, and what was written
   * before can be read.
   */
  public NetworkConditions setWritesBlocked(boolean blocked) {
    return set(() -> writesBlocked = blocked);
  }

  /**
   * Loses datagrams, at random, with a probability from 0 to 1. The same network loses the same
   * ones in each run.
   */
  public NetworkConditions setLoss(double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability must be from 0 to 1: " + probability);
    }
    return set(() -> loss = probability);
  }

  /** Loses the next {@code count} datagrams. */
  public NetworkConditions dropDatagrams(int count) {
    return set(() -> datagramsToDrop = count);
  }

  /**
   * Has the next {@code times} calls of {@code accept} fail that would give a connection, as they
   * do when the process is out of descriptors. The connections wait on.
   */
  public NetworkConditions failAccepts(int times) {
    return set(() -> acceptsToFail = times);
  }

  /**
   * Has the next {@code times} connects fail: {@code finishConnect} throws what {@code failure}
   * makes.
   */
  public NetworkConditions failConnects(int times, Supplier<? extends IOException> failure) {
    Objects.requireNonNull(failure, "failure");
    return set(() -> {
      connectsToFail = times;
      connectFailure = failure;
    });
  }

  /** Sets everything back. */
  public NetworkConditions clear() {
    return set(() -> {
      latency = null;
      connectDelay = null;
      maxBytes = null;
      writesBlocked = null;
      loss = null;
      datagramsToDrop = 0;
      acceptsToFail = 0;
      connectsToFail = 0;
      connectFailure = null;
    });
  }

  private NetworkConditions set(Runnable change) {
    synchronized (network.lock) {
      network.runDue();
      change.run();
      network.changed();
    }
    return this;
  }

  // ---- what goes wrong next; guarded by network.lock

  /** The failure of the connect that is made now; null if it does not fail. */
  @Nullable Supplier<? extends IOException> takeConnectFailure() {
    if (connectsToFail <= 0) {
      return null;
    }
    connectsToFail--;
    return connectFailure;
  }

  /** Whether the accept that is made now fails. */
  boolean takeAcceptFailure() {
    return acceptsToFail > 0 && acceptsToFail-- > 0;
  }

  /** Whether the datagram that is sent now is dropped. */
  boolean takeDrop() {
    return datagramsToDrop > 0 && datagramsToDrop-- > 0;
  }
}
