package asyncio;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long {@link Asyncio#wait} waits. Immutable: each {@code with…} method returns a changed copy.
 *
 * @param returnWhen what it waits for
 * @param timeout for how long at most; null without limit
 */
public record WaitOptions(ReturnWhen returnWhen, @Nullable Duration timeout) {

  /** Until all futures are done, without limit. */
  public static final WaitOptions DEFAULT = new WaitOptions(ReturnWhen.ALL_COMPLETED, null);

  public WaitOptions {
    Objects.requireNonNull(returnWhen, "returnWhen");
  }

  /** Options that say what to wait for. */
  public static WaitOptions until(ReturnWhen returnWhen) {
    return DEFAULT.withReturnWhen(returnWhen);
  }

  /** Options that say how long to wait at most. */
  public static WaitOptions atMost(@Nullable Duration timeout) {
    return DEFAULT.withTimeout(timeout);
  }

  /** Options that say what to wait for. */
  public WaitOptions withReturnWhen(ReturnWhen returnWhen) {
    return new WaitOptions(returnWhen, timeout);
  }

  /** Options that say how long to wait at most; null without limit. */
  public WaitOptions withTimeout(@Nullable Duration timeout) {
    return new WaitOptions(returnWhen, timeout);
  }
}
