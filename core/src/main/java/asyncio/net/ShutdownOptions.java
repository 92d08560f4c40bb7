package asyncio.net;

import asyncio.Signal;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * How long each phase of a {@link GracefulShutdown} may take, and what begins one. Immutable: each
 * {@code with} method returns changed options.
 *
 * @param signals each of these begins the shutdown; one more ends the phase that is under way
 * @param drain how long running work may take to end by itself
 * @param grace how long it may take after the connections were closed in good order
 * @param cancel how long tasks may take to end after they were cancelled
 * @param abort how long they may take after the connections were aborted
 */
public record ShutdownOptions(
    Set<Signal> signals, Duration drain, Duration grace, Duration cancel, Duration abort) {

  /** SIGTERM and SIGINT; 10 s to drain, 5 s of grace, 5 s after cancelling, 1 s after aborting. */
  public static final ShutdownOptions DEFAULT =
      new ShutdownOptions(
          Set.of(Signal.TERM, Signal.INT),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1));

  /**
   * @throws IllegalArgumentException if a time is negative
   */
  public ShutdownOptions {
    signals = Set.copyOf(signals);
    check("drain", drain);
    check("grace", grace);
    check("cancel", cancel);
    check("abort", abort);
  }

  private static void check(String phase, Duration limit) {
    if (Objects.requireNonNull(limit, phase).isNegative()) {
      throw new IllegalArgumentException(
          phase + " must not be negative: " + limit + "; zero skips the phase");
    }
  }

  /** Begins at these signals; none of them for a shutdown that code begins. */
  public ShutdownOptions withSignals(Signal... signals) {
    return new ShutdownOptions(Set.of(signals), drain, grace, cancel, abort);
  }

  public ShutdownOptions withDrain(Duration limit) {
    return new ShutdownOptions(signals, limit, grace, cancel, abort);
  }

  public ShutdownOptions withGrace(Duration limit) {
    return new ShutdownOptions(signals, drain, limit, cancel, abort);
  }

  public ShutdownOptions withCancel(Duration limit) {
    return new ShutdownOptions(signals, drain, grace, limit, abort);
  }

  public ShutdownOptions withAbort(Duration limit) {
    return new ShutdownOptions(signals, drain, grace, cancel, limit);
  }
}
