package asyncio.net;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream at a delimiter and hands the chunks to a callable (PEP 3153; spec CHUNK-1 to
 * CHUNK-10).
 *
 * <pre>{@code
 * loop.createConnection(() -> new ChunkProtocol("\n".getBytes(UTF_8), this::handle), host, port);
 * }</pre>
 *
 * <p>The chunks come without the delimiter. One that is longer than the limit, 64 KiB at first,
 * ends the connection, unless there is a {@linkplain #setExcessHandler handler} for it.
 */
public non-sealed class ChunkProtocol extends FramedProtocol {
  private static final int DEFAULT_LIMIT = 64 * 1024;

  private byte[] delimiter;
  private Handler restHandler = _ -> {};
  private @Nullable Handler excessHandler;

  /** No delimiter begins before this position, so that no byte is looked at twice. */
  private int scanned;

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
    super(handler, DEFAULT_LIMIT);
    this.delimiter = checked(delimiter);
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

  // ---- sending

  /**
   * Sends a chunk and the delimiter, as one write.
   *
   * @throws IllegalStateException if there is no connection yet
   */
  public final void writeChunk(byte[] chunk) {
    byte[] bytes = Arrays.copyOf(chunk, chunk.length + delimiter.length);
    System.arraycopy(delimiter, 0, bytes, chunk.length, delimiter.length);
    send(bytes);
  }

  // ---- receiving

  @Override
  final boolean deliverNext() throws Exception {
    int found = find();
    if (found < 0) {
      checkExcess(tail - head);
      return false;
    }
    byte[] chunk = Arrays.copyOfRange(buffer, head, found);
    head = found + delimiter.length;
    scanned = head;
    if (skipping) {
      skipping = false;
    } else if (chunk.length > limit) {
      excess(chunk);
    } else {
      handle(chunk);
    }
    return true;
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

  @Override
  final void moved(int by) {
    scanned = Math.max(0, scanned - by);
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
    byte[] rest = takeRest();
    if (rest.length > 0 && !skipping) {
      restHandler.handle(rest);
    }
    return false;
  }
}
