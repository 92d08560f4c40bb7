package asyncio.monitor;

import java.time.Duration;

/**
 * How much a client may take.
 *
 * @param connections open at once; further ones are told so and closed
 * @param streams of events at once, among the connections
 * @param idle how long a connection may wait for its next request to begin and to be complete
 * @param sending how long a client may take to receive what it asked for
 */
record Limits(int connections, int streams, Duration idle, Duration sending) {
  static final Limits DEFAULT = new Limits(64, 16, Duration.ofSeconds(20), Duration.ofSeconds(20));
}
