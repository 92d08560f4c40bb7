package asyncio.inspect;

import asyncio.EventLoop;
import asyncio.internal.inspect.Insight;
import asyncio.internal.inspect.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open transport: what it has moved, and how full its buffer is.
 *
 * @param number tells transports of this JVM apart; later ones have higher numbers
 * @param kind {@code socket}, {@code pipe} or {@code datagram}
 * @param local the address of this end; null if it has none
 * @param peer the address of the other end; null if that may be anybody
 * @param protocol the class of its protocol, with TLS of the one above; null at the end
 * @param received how many bytes it has received, of a TLS connection those on the wire
 * @param sent how many bytes it has sent, in the same way
 * @param buffered how many bytes it keeps because they could not be sent yet
 * @param highMark with more bytes than this it asks its protocol to wait
 * @param writingPaused whether it has done so
 * @param reading whether it reads; not if its protocol has paused that, or it is closing
 */
public record TransportInfo(
    long number,
    String kind,
    @Nullable String local,
    @Nullable String peer,
    @Nullable String protocol,
    long received,
    long sent,
    long buffered,
    int highMark,
    boolean writingPaused,
    boolean reading) {

  /** The open transports of {@code loop}, oldest first; on any thread. */
  public static List<TransportInfo> of(EventLoop loop) {
    Insight insight = Insight.get();
    return insight == null ? List.of() : insight.transportsOf(loop);
  }

  /** How full the buffer is: 1 at the high mark, where the protocol is asked to wait. */
  public double fill() {
    return highMark <= 0 ? (buffered > 0 ? 1 : 0) : (double) buffered / highMark;
  }

  /** This as a JSON object. */
  public String toJson() {
    return new Json()
        .beginObject()
        .field("number", number)
        .field("kind", kind)
        .field("local", local)
        .field("peer", peer)
        .field("protocol", protocol)
        .field("received", received)
        .field("sent", sent)
        .field("buffered", buffered)
        .field("highMark", highMark)
        .field("writingPaused", writingPaused)
        .field("reading", reading)
        .endObject()
        .toString();
  }
}
