package asyncio.testkit;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One end of a stream connection, as a kernel keeps it: it lives from the handshake on, with or
 * without a channel.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class StreamEnd {
  /*
   * What can be told apart from outside, after what Linux does:
   *
   *   both        the bytes that have come can be read first, whatever has happened since
   *   TCP         the other end's close is an end-of-file here. If it had bytes left to read, or if bytes arrive there
   *               afterwards, it answers with a reset. The first read or write after a reset throws; a write takes the
   *               error away, so that a read gives the end-of-file then; after an end-of-file a reset is a broken pipe.
   *   UNIX        the other end's close ends both directions at once; if it had bytes left to read, a read here throws,
   *               and a write is a broken pipe all the same.
   */

  /** What the next read or write throws. */
  private enum Failure {
    RESET,
    BROKEN_PIPE
  }

  final Link link;
  private final boolean isUnix;
  int sendBuffer;
  int receiveBuffer;

  @SuppressWarnings("NullAway.Init") // set by connect(), right after both were made
  private StreamEnd peer;

  /** What has come and has not been read; each with its position. */
  private final Deque<ByteBuffer> received = new ArrayDeque<>();

  /** How much was written here that the other end has not read. */
  private int unread;

  private boolean endReceived;
  private boolean inputShut;
  private boolean outputShut;

  /** The connection is no more. */
  private boolean dead;

  /** The program has let go of it. */
  private boolean released;

  private @Nullable Failure failure;

  private StreamEnd(Link link, boolean isUnix, int sendBuffer, int receiveBuffer) {
    this.link = link;
    this.isUnix = isUnix;
    this.sendBuffer = sendBuffer;
    this.receiveBuffer = receiveBuffer;
  }

  /** Makes the end of a connection; {@link #connect} follows. */
  static StreamEnd tcp(Link link, int sendBuffer, int receiveBuffer) {
    return new StreamEnd(link, false, sendBuffer, receiveBuffer);
  }

  static StreamEnd unix(Link link, int sendBuffer, int receiveBuffer) {
    return new StreamEnd(link, true, sendBuffer, receiveBuffer);
  }

  static void connect(StreamEnd one, StreamEnd other) {
    one.peer = other;
    other.peer = one;
  }

  // ---- what the program does

  /**
   * Moves bytes out of {@code source}.
   *
   * @return how many; 0 if there is no room
   */
  int write(ByteBuffer source, int max) throws IOException {
    Failure thrown = isUnix ? null : failure;
    if (thrown != null) {
      failure = null;
      throw new IOException(thrown == Failure.RESET ? "Connection reset by peer" : "Broken pipe");
    }
    if (outputShut || dead) {
      throw new IOException("Broken pipe");
    }
    int count = Math.min(Math.min(source.remaining(), max), room());
    if (count > 0) {
      byte[] bytes = new byte[count];
      source.get(bytes);
      unread += count;
      link.send(() -> peer.arrive(ByteBuffer.wrap(bytes)));
    }
    return count;
  }

  /**
   * Moves bytes into {@code target}, which has room.
   *
   * @return how many; 0 if there are none yet, -1 at the end
   */
  int read(ByteBuffer target, int max) throws IOException {
    int count = 0;
    int limit = Math.min(target.remaining(), max);
    while (count < limit && !received.isEmpty()) {
      ByteBuffer first = received.getFirst();
      int part = Math.min(limit - count, first.remaining());
      target.put(first.slice(first.position(), part));
      first.position(first.position() + part);
      count += part;
      if (!first.hasRemaining()) {
        received.removeFirst();
      }
    }
    if (count > 0) {
      peer.unread -= count;
      peer.link.touch();
      return count;
    }
    if (endReceived && !(isUnix && failure != null)) {
      return -1;
    }
    Failure thrown = failure;
    if (thrown != null) {
      failure = null;
      throw new SocketException(thrown == Failure.RESET ? "Connection reset" : "Broken pipe");
    }
    return dead || inputShut ? -1 : 0;
  }

  /** Ends what is written; idempotent. */
  void shutOutput() {
    if (!outputShut && !dead) {
      outputShut = true;
      link.touch();
      link.send(() -> peer.arriveEnd());
    }
  }

  /** Drops what comes from now on. */
  void shutInput() {
    inputShut = true;
    link.touch();
    if (isUnix) {
      peer.outputShut = true;
      peer.link.touch();
    }
  }

  /**
   * Lets go of the connection.
   *
   * @param hard whether to reset it rather than to end it
   */
  void release(boolean hard) {
    released = true;
    boolean inputLeft = !received.isEmpty();
    received.clear();
    if (dead) {
      return;
    }
    if (isUnix) {
      dead = true;
      link.send(() -> peer.arriveUnixClose(inputLeft));
    } else if (inputLeft || hard) {
      dead = true;
      link.send(() -> peer.arriveReset());
    } else {
      shutOutput();
    }
  }

  /** Cuts the connection, from outside. */
  void cut() {
    StreamEnd other = peer;
    arriveReset();
    other.arriveReset();
  }

  // ---- what arrives

  private void arrive(ByteBuffer bytes) {
    if (released) {
      if (!dead) {
        dead = true;
        link.send(() -> peer.arriveReset());
      }
    } else if (inputShut) {
      peer.unread -= bytes.remaining();
      peer.link.touch();
    } else if (!dead) {
      received.add(bytes);
      link.touch();
    }
  }

  private void arriveEnd() {
    endReceived = true;
    link.touch();
  }

  private void arriveReset() {
    if (!dead && !(endReceived && outputShut)) {
      dead = true;
      failure = endReceived ? Failure.BROKEN_PIPE : Failure.RESET;
      link.touch();
    }
  }

  private void arriveUnixClose(boolean inputLeft) {
    endReceived = true;
    outputShut = true;
    failure = inputLeft ? Failure.RESET : null;
    link.touch();
  }

  // ---- readiness

  /** Whether there are bytes to be read. */
  boolean hasInput() {
    return !received.isEmpty();
  }

  private int room() {
    return link.writesBlocked() ? 0 : Math.max(0, sendBuffer + peer.receiveBuffer - unread);
  }

  boolean isReadable() {
    return !received.isEmpty() || endReceived || inputShut || dead;
  }

  boolean isWritable() {
    return outputShut || dead || room() > 0;
  }

  /** Whether there is an event that no interest is needed for. */
  boolean isBroken() {
    return dead || failure != null || ((endReceived || inputShut) && outputShut);
  }
}
