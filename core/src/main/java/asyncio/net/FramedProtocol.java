package asyncio.net;

import asyncio.internal.net.ReadingListener;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into messages and hands each to a callable; the kinds differ in how a message is
 * framed.
 *
 * <p><b>Order:</b> one call for each complete message, however the bytes were cut on their way. No
 * message is delivered while the transport is paused or closing; the rest follows when it is
 * resumed.
 *
 * <p><b>Errors:</b> what the callable throws ends the connection, as from {@code dataReceived}.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public abstract sealed class FramedProtocol implements Protocol, ReadingListener
    permits ChunkProtocol, LengthPrefixProtocol, NetstringProtocol {
  /** The bytes that wait are {@code buffer[head..tail)}; there is no array while there are none. */
  byte[] buffer = EMPTY;

  int head;
  int tail;
  int limit;
  private static final byte[] EMPTY = {};

  private Handler handler;
  private @Nullable Transport transport;
  private boolean delivering;

  /** Is handed a message. */
  @FunctionalInterface
  public interface Handler {

    /**
     * Deals with a message.
     *
     * @param message in an array of its own
     * @throws Exception is reported, and ends the connection
     */
    void handle(byte[] message) throws Exception;
  }

  FramedProtocol(Handler handler, int limit) {
    this.handler = Objects.requireNonNull(handler, "handler");
    this.limit = limit;
  }

  // ---- settings

  /** Hands the messages to another callable, from the next one on. */
  public final void setHandler(Handler handler) {
    this.handler = Objects.requireNonNull(handler, "handler");
  }

  /** How long a message may be, in bytes. */
  public final void setLimit(int limit) {
    if (limit <= 0) {
      throw new IllegalArgumentException("limit must be positive: " + limit);
    }
    this.limit = limit;
  }

  /** The transport; null before the connection is made. */
  public final @Nullable Transport transport() {
    return transport;
  }

  // ---- sending

  /** Sends bytes that are framed already, as one write. */
  final void send(byte[] frame) {
    Transport open = transport;
    if (open == null) {
      throw new IllegalStateException("nothing can be sent yet: the connection is not made");
    }
    open.write(frame);
  }

  // ---- receiving

  /** Takes the first message out of the buffer and deals with it; false if none is complete. */
  abstract boolean deliverNext() throws Exception;

  /** Bytes have moved to the beginning of the array; {@code by} is how far. */
  void moved(int by) {}

  /** Whether messages may be delivered now. */
  boolean mayDeliver() {
    Transport open = transport;
    return head < tail && (open == null || open.isReading());
  }

  @Override
  public void connectionMade(Transport transport) throws Exception {
    this.transport = transport;
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    int count = data.remaining();
    if (buffer.length - tail < count) {
      makeRoom(count);
    }
    data.get(buffer, tail, count);
    tail += count;
    deliver();
  }

  private void makeRoom(int count) {
    int size = tail - head;
    byte[] target =
        buffer.length >= size + count ? buffer : new byte[Math.max(size + count, size * 2)];
    System.arraycopy(buffer, head, target, 0, size);
    buffer = target;
    moved(head);
    head = 0;
    tail = size;
  }

  /** Reading was resumed: what waits is delivered. */
  @Override
  public void readingResumed() throws Exception {
    deliver();
  }

  void deliver() throws Exception {
    if (delivering) {
      return; // the callable has resumed reading: the loop below goes on
    }
    delivering = true;
    try {
      while (mayDeliver() && deliverNext()) {}
    } finally {
      delivering = false;
      if (head == tail) {
        takeRest();
      }
    }
  }

  final void handle(byte[] message) throws Exception {
    handler.handle(message);
  }

  /** Takes all that waits. */
  final byte[] takeRest() {
    byte[] rest = head == tail ? EMPTY : Arrays.copyOfRange(buffer, head, tail);
    moved(tail);
    buffer = EMPTY;
    head = 0;
    tail = 0;
    return rest;
  }
}
