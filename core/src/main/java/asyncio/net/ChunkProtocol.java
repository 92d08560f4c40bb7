package asyncio.net;

import asyncio.internal.net.ReadingListener;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream at a delimiter and hands the chunks to a callable (PEP 3153; spec CHUNK).
 *
 * <pre>{@code
 * var lines = new ChunkProtocol("\r\n".getBytes(), line -> handle(line));
 * loop.createConnection(() -> lines, host, port);
 * }</pre>
 *
 * <p><b>Order:</b> one call for each complete chunk, without its delimiter, however the bytes were
 * cut on their way. No chunk is delivered while the transport is paused or closing; the rest
 * follows when it is resumed.
 *
 * <p><b>Errors:</b> what the callable throws ends the connection, as from {@code dataReceived}.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public class ChunkProtocol implements Protocol, ReadingListener {
  /*
   * The bytes that wait are buffer[head..tail). None of the positions before `scanned` begins a delimiter, so that no byte
   * is looked at twice.
   */
  private static final int DEFAULT_LIMIT = 64 * 1024;
  private static final byte[] EMPTY = {};

  /** Is handed a chunk. */
  @FunctionalInterface
  public interface Handler {
    void handle(byte[] chunk) throws Exception;
  }

  private byte[] delimiter;
  private Handler handler;
  private int limit = DEFAULT_LIMIT;
  private Handler restHandler = _ -> {};
  private @Nullable Handler excessHandler;
  private @Nullable Transport transport;
  private byte[] buffer = EMPTY;
  private int head;
  private int tail;
  private int scanned;
  private boolean delivering;

  /**
   * Whether what comes belongs to a chunk that was too long, and is dropped up to its delimiter.
   */
  private boolean skipping;

  /**
   * Makes a protocol for one connection.
   *
   * @param delimiter between chunks; at least one byte
   * @param handler called with each chunk
   */
  public ChunkProtocol(byte[] delimiter, Handler handler) {
    this.delimiter = checked(delimiter);
    this.handler = Objects.requireNonNull(handler, "handler");
  }

  private static byte[] checked(byte[] delimiter) {
    if (delimiter.length == 0) {
      throw new IllegalArgumentException("delimiter must not be empty; give at least one byte");
    }
    return delimiter.clone();
  }

  // ---- settings

  /** Cuts at another delimiter, from the next chunk on. */
  public final void setDelimiter(byte[] delimiter) {
    this.delimiter = checked(delimiter);
    scanned = head; // what was passed may hold the new one
  }

  /** Hands the chunks to another callable, from the next one on. */
  public final void setHandler(Handler handler) {
    this.handler = Objects.requireNonNull(handler, "handler");
  }

  /** How long a chunk may be, in bytes; 64 KiB at first (spec CHUNK-7). */
  public final void setLimit(int limit) {
    if (limit <= 0) {
      throw new IllegalArgumentException("limit must be positive: " + limit);
    }
    this.limit = limit;
  }

  /**
   * Hands the bytes behind the last delimiter, at end-of-file, to {@code rest}; at first dropped.
   */
  public final void setRestHandler(Handler rest) {
    restHandler = Objects.requireNonNull(rest, "rest");
  }

  /**
   * Hands the beginning of a chunk that is longer than the limit to {@code excess}; the rest of the
   * chunk is dropped. Null, as at first: a {@link LimitOverrunException} ends the connection.
   */
  public final void setExcessHandler(@Nullable Handler excess) {
    excessHandler = excess;
  }

  /** The transport; null before the connection is made. */
  public final @Nullable Transport transport() {
    return transport;
  }

  // ---- sending

  /**
   * Sends a chunk and the delimiter, as one write.
   *
   * @throws IllegalStateException if there is no connection yet
   */
  public final void writeChunk(byte[] chunk) {
    Transport open = transport;
    if (open == null) {
      throw new IllegalStateException("writeChunk: the connection is not made yet");
    }
    byte[] bytes = Arrays.copyOf(chunk, chunk.length + delimiter.length);
    System.arraycopy(delimiter, 0, bytes, chunk.length, delimiter.length);
    open.write(bytes);
  }

  // ---- receiving

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
    scanned -= head;
    head = 0;
    tail = size;
  }

  /** Reading was resumed: what waits is delivered. */
  @Override
  public void readingResumed() throws Exception {
    deliver();
  }

  private void deliver() throws Exception {
    if (delivering) {
      return; // the callable has resumed reading: the loop below goes on
    }
    delivering = true;
    try {
      while (mayDeliver()) {
        int found = find();
        if (found < 0) {
          checkExcess(tail - head);
          break;
        }
        byte[] chunk = Arrays.copyOfRange(buffer, head, found);
        head = found + delimiter.length;
        scanned = head;
        if (skipping) {
          skipping = false;
        } else if (chunk.length > limit) {
          excess(chunk);
        } else {
          handler.handle(chunk);
        }
      }
    } finally {
      delivering = false;
      if (head == tail) {
        buffer = EMPTY;
        head = 0;
        tail = 0;
        scanned = 0;
      }
    }
  }

  private boolean mayDeliver() {
    Transport open = transport;
    return head < tail && (open == null || open.isReading());
  }

  /** Where the next delimiter begins, or -1. */
  private int find() {
    byte first = delimiter[0];
    int last = tail - delimiter.length;
    int at = scanned;
    for (; at <= last; at++) {
      if (buffer[at] == first
          && Arrays.equals(buffer, at, at + delimiter.length, delimiter, 0, delimiter.length)) {
        return at;
      }
    }
    scanned = Math.max(scanned, at);
    return -1;
  }

  private void checkExcess(int size) throws Exception {
    int kept = delimiter.length - 1; // may be the beginning of the delimiter
    if (skipping) {
      head = Math.max(head, tail - kept);
    } else if (size > limit + kept) {
      byte[] beginning = Arrays.copyOfRange(buffer, head, tail - kept);
      head = tail - kept;
      skipping = true;
      excess(beginning);
    }
  }

  private void excess(byte[] beginning) throws Exception {
    Handler told = excessHandler;
    if (told == null) {
      throw new LimitOverrunException(
          "a chunk is longer than the limit of "
              + limit
              + " bytes; raise it with setLimit, or deal with it in setExcessHandler",
          beginning.length);
    }
    told.handle(beginning);
  }

  @Override
  public boolean eofReceived() throws Exception {
    int size = tail - head;
    if (size > 0 && !skipping) {
      byte[] rest = Arrays.copyOfRange(buffer, head, tail);
      head = tail;
      restHandler.handle(rest);
    }
    return false;
  }
}
