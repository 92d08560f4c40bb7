package asyncio.inspect;

/**
 * The transports of a loop taken together: connections, datagram endpoints and pipes.
 *
 * @param open how many are open
 * @param paused how many of them have so much to send that their protocols were asked to wait
 * @param buffered how many bytes they keep, all together, because they could not be sent yet
 * @param received how many bytes the loop has received, also by transports that are closed and by
 *     the {@code sock…} methods; of a TLS connection those on the wire
 * @param sent how many bytes the loop has sent, in the same way
 */
public record TransportCounts(int open, int paused, long buffered, long received, long sent) {

  /** What has been received and sent since {@code earlier}; the rest stays what it is. */
  TransportCounts since(TransportCounts earlier) {
    return new TransportCounts(
        open, paused, buffered, received - earlier.received, sent - earlier.sent);
  }
}
