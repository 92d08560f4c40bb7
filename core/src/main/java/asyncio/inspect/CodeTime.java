package asyncio.inspect;

import java.time.Duration;

/**
 * For how long code of one name has held the loop, all its calls taken together.
 *
 * @param code as in {@link SlowCallback#code}; {@code "other"} for everything beyond the first 500
 *     names
 * @param count how many callbacks and steps there were
 * @param total how long they took together
 * @param max how long the longest one since the recording began took
 */
public record CodeTime(String code, long count, Duration total, Duration max) {}
