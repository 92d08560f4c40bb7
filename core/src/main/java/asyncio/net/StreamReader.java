package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a stream of bytes, for tasks: reads lines, or so many bytes, waiting for
 * them where need be.
 *
 * <pre>{@code
 * for (String line : reader.utf8Lines()) {
 *   handle(line);
 * }
 * }</pre>
 *
 * <p>A protocol feeds it. More than twice its limit does not pile up: then the transport's reading
 * is paused, and so the peer is slowed down, until tasks have read (spec STREAM-8 to STREAM-30).
 * {@link #asInputStream} lets any parser of the Java world read from it.
 *
 * <p><b>Threading:</b> loop-confined. One task at a time may wait for data.
 *
 * <p><b>Cancellation:</b> a read that is cancelled takes nothing; the next one gets it all.
 *
 * <p><b>Errors:</b> once the connection has failed, every read throws what it failed with, also if
 * there are bytes that nobody has read.
 */
public final class StreamReader implements Iterable<byte[]> {
  /*
   * `buffer` holds the unread bytes from `head` to `tail`; while there are none it is EMPTY, so that an idle connection
   * keeps no array. The first bytes to arrive get an array of just their size, and a read that takes all of it takes the
   * array itself: then a byte is copied once between the socket and its reader.
   */
  private static final byte[] EMPTY = {};
  private static final int DEFAULT_LIMIT = 64 * 1024;
  private static final int SMALLEST_GROWTH = 64;

  /** An array of at least this size is cut down while a task waits, if most of it is empty. */
  private static final int TRIM_FROM = 1024;

  // immutable
  private final EventLoop loop;
  private final int limit;

  // loop thread only
  private byte[] buffer = EMPTY;
  private int head;
  private int tail;
  private boolean eof;
  private @Nullable Throwable exception;
  private @Nullable ReadTransport transport;
  private boolean paused;
  private @Nullable Wait waiter;

  /**
   * Makes a reader of the running or current loop, with a limit of 64 KiB.
   *
   * @throws IllegalStateException if there is no such loop
   */
  public StreamReader() {
    this(DEFAULT_LIMIT);
  }

  /**
   * Makes a reader of the running or current loop.
   *
   * @throws IllegalStateException if there is no such loop
   */
  public StreamReader(int limit) {
    this(limit, Asyncio.getEventLoop());
  }

  /**
   * Makes a reader of {@code loop}.
   *
   * @param limit how many bytes a line may have without its end; also half of what may pile up
   * @throws IllegalArgumentException if it is not positive
   */
  public StreamReader(int limit, EventLoop loop) {
    if (limit <= 0) {
      throw new IllegalArgumentException("limit must be positive: " + limit);
    }
    this.limit = limit;
    this.loop = Objects.requireNonNull(loop, "loop");
  }

  EventLoop loop() {
    return loop;
  }

  // ---- feeding: on the loop's thread, by a protocol

  /**
   * Says where the bytes come from, so that reading can be paused.
   *
   * @throws IllegalStateException if that was said before
   */
  public void setTransport(ReadTransport transport) {
    if (this.transport != null) {
      throw new IllegalStateException(
          this + " has a transport already; it cannot read from " + transport + " too");
    }
    this.transport = Objects.requireNonNull(transport, "transport");
  }

  /**
   * Hands over what has not been read, for whoever upgrades the connection. Until {@link
   * #replaceTransport} nothing is asked of a transport: not of the old one, which belongs to the
   * upgrade now.
   */
  ByteBuffer takeBuffered() {
    transport = null;
    paused = false;
    return ByteBuffer.wrap(takeAll());
  }

  /** The bytes come from another transport now: the connection was upgraded. */
  void replaceTransport(ReadTransport upgraded) {
    transport = upgraded;
    paused = false;
    pauseIfFull();
  }

  /**
   * Adds bytes that have arrived; they are copied.
   *
   * @throws IllegalStateException after {@link #feedEof}
   */
  public void feedData(byte[] data) {
    feedData(ByteBuffer.wrap(data));
  }

  /** As {@link #feedData(byte[])}, for the remaining bytes of {@code data}. */
  public void feedData(ByteBuffer data) {
    Callers.checkThread(loop, "feedData()");
    checkNotAtEnd();
    int count = data.remaining();
    if (count > 0) {
      makeRoom(count);
      data.get(buffer, tail, count);
      tail += count;
      fed();
    }
  }

  /** As {@link #feedData(ByteBuffer)}, for bytes that nobody else will write to. */
  void feedOwned(ByteBuffer data) {
    boolean ownsAll =
        data.hasArray() && data.arrayOffset() == 0 && data.remaining() == data.array().length;
    if (tail == 0 && ownsAll && !eof) {
      buffer = data.array();
      tail = buffer.length;
      data.position(data.limit());
      if (tail > 0) {
        fed();
      }
    } else {
      feedData(data);
    }
  }

  private void checkNotAtEnd() {
    if (eof) {
      throw new IllegalStateException(
          "data came after the end of " + this + "; call feedEof() last, and once");
    }
  }

  private void fed() {
    wakeUp(null);
    pauseIfFull();
  }

  private void pauseIfFull() {
    ReadTransport from = transport;
    if (from != null && !paused && tail - head > 2L * limit) {
      try {
        from.pauseReading();
        paused = true;
      } catch (UnsupportedOperationException e) {
        transport = null; // it cannot be paused: everything is taken as it comes
      }
    }
  }

  /** Marks the end of the stream; what is in the reader can still be read. */
  public void feedEof() {
    Callers.checkThread(loop, "feedEof()");
    eof = true;
    wakeUp(null);
  }

  /** Has every read from now on throw {@code exception}, also the one that waits. */
  public void setException(Throwable exception) {
    Callers.checkThread(loop, "setException()");
    this.exception = Objects.requireNonNull(exception, "exception");
    wakeUp(exception);
  }

  private void wakeUp(@Nullable Throwable failure) {
    Wait wait = waiter;
    if (wait != null) {
      waiter = null;
      wait.release(failure);
    }
  }

  // ---- state

  /** What {@link #setException} was given, or null. */
  public @Nullable Throwable exception() {
    return exception;
  }

  /** Whether the end has come and everything was read. */
  public boolean atEof() {
    return eof && head == tail;
  }

  /** How many bytes can be read without waiting. */
  int available() {
    return tail - head;
  }

  // ---- reading

  /**
   * Reads what is there, at most {@code n} bytes; waits if nothing is.
   *
   * @param n how many at most; negative for all up to the end of the stream, as {@link #readAll}
   * @return empty if the stream has ended, or {@code n} is 0
   * @throws IOException if the connection has failed
   * @throws IllegalStateException if another task waits for data of this reader
   */
  @Suspends
  public byte[] read(int n) throws IOException {
    if (n < 0) {
      return readAll();
    }
    begin("read()");
    if (n == 0) {
      return EMPTY;
    }
    awaitSome("read()");
    return take(Math.min(n, tail - head));
  }

  /** Reads all bytes up to the end of the stream, whatever the limit is. */
  @Suspends
  public byte[] readAll() throws IOException {
    begin("readAll()");
    while (!eof) {
      awaitData("readAll()");
    }
    return takeAll();
  }

  /**
   * Reads exactly {@code n} bytes, whatever the limit is.
   *
   * @throws IncompleteReadException if the stream ends before; it has what had come
   * @throws IllegalArgumentException if {@code n} is negative
   * @throws IOException if the connection has failed
   * @throws IllegalStateException if another task waits for data of this reader
   */
  @Suspends
  public byte[] readExactly(int n) throws IOException {
    if (n < 0) {
      throw new IllegalArgumentException("readExactly: n must not be negative: " + n);
    }
    begin("readExactly()");
    while (tail - head < n) {
      if (eof) {
        throw new IncompleteReadException(takeAll(), n);
      }
      awaitData("readExactly()");
    }
    return take(n);
  }

  /**
   * Reads up to and including {@code separator}.
   *
   * @throws IncompleteReadException if the stream ends before; it has what had come
   * @throws LimitOverrunException if more than the limit would come before the separator;
   *     everything is still in the reader
   * @throws IllegalArgumentException if {@code separator} is empty
   * @throws IOException if the connection has failed
   * @throws IllegalStateException if another task waits for data of this reader
   */
  @Suspends
  public byte[] readUntil(byte[] separator) throws IOException {
    return readUntil(Separators.of(separator));
  }

  /**
   * As {@link #readUntil}, for the one of several separators whose end comes first; of those that
   * end there, the shortest counts.
   *
   * @throws IllegalArgumentException if there is none, or an empty one
   */
  @Suspends
  public byte[] readUntilAny(byte[]... separators) throws IOException {
    return readUntil(Separators.ofAny(separators));
  }

  private byte[] readUntil(Separators separators) throws IOException {
    begin("readUntil()");
    int count = awaitSeparator(separators, "readUntil()");
    if (count < 0) {
      throw new IncompleteReadException(takeAll(), null);
    }
    return take(count);
  }

  /**
   * Reads a line, up to and including its {@code '\n'}; at the end of the stream what is left,
   * which is empty if nothing is.
   *
   * @throws LimitOverrunException if the line is longer than the limit. It is dropped, or, as long
   *     as its end has not come, what has come of it; further lines can be read
   * @throws IOException if the connection has failed
   * @throws IllegalStateException if another task waits for data of this reader
   */
  @Suspends
  public byte[] readLine() throws IOException {
    return take(awaitLine("readLine()"));
  }

  /**
   * Reads a line of text, without its {@code "\n"} or {@code "\r\n"}; what is no UTF-8 becomes
   * U+FFFD.
   *
   * @return null at the end of the stream
   * @throws IOException as {@link #readLine}
   */
  @Suspends
  public @Nullable String readUtf8Line() throws IOException {
    int count = awaitLine("readUtf8Line()");
    if (count == 0) {
      return null;
    }
    int end = head + count;
    if (buffer[end - 1] == '\n') {
      end--;
      if (end > head && buffer[end - 1] == '\r') {
        end--;
      }
    }
    String line = new String(buffer, head, end - head, StandardCharsets.UTF_8);
    drop(count);
    return line;
  }

  /**
   * The lines up to the end of the stream, as {@link #readLine} reads them, each when it is asked
   * for. An {@link IOException} comes as {@link java.io.UncheckedIOException}.
   */
  @Override
  public Iterator<byte[]> iterator() {
    return new StreamIterator<>(() -> {
      byte[] line = readLine();
      return line.length == 0 ? null : line;
    });
  }

  /** As {@link #iterator}, with lines as {@link #readUtf8Line} reads them. */
  public Iterable<String> utf8Lines() {
    return () -> new StreamIterator<>(this::readUtf8Line);
  }

  // ---- views

  /**
   * A view for parsers: reading from it suspends the calling task where it would block.
   *
   * <p>Closing the view closes nothing else. Some parsers read ahead, as buffered streams do; what
   * they have read is no longer in the reader.
   */
  public InputStream asInputStream() {
    return new StreamInput(this);
  }

  /** A view as a channel, in blocking mode; otherwise as {@link #asInputStream}. */
  public ReadableByteChannel asChannel() {
    return new StreamSource(this);
  }

  /** Moves what is there, at most {@code length} bytes, waiting for at least one; -1 at the end. */
  @Suspends
  int readInto(byte[] target, int offset, int length) throws IOException {
    begin("read()");
    if (length == 0) {
      return 0;
    }
    awaitSome("read()");
    int count = Math.min(length, tail - head);
    if (count == 0) {
      return -1;
    }
    System.arraycopy(buffer, head, target, offset, count);
    drop(count);
    return count;
  }

  /** As {@link #readInto(byte[], int, int)}, into the room of {@code target}. */
  @Suspends
  int readInto(ByteBuffer target) throws IOException {
    begin("read()");
    if (!target.hasRemaining()) {
      return 0;
    }
    awaitSome("read()");
    int count = Math.min(target.remaining(), tail - head);
    if (count == 0) {
      return -1;
    }
    target.put(buffer, head, count);
    drop(count);
    return count;
  }

  /** Drops what is there, at most {@code length} bytes, waiting for at least one; 0 at the end. */
  @Suspends
  int skip(int length) throws IOException {
    begin("skip()");
    awaitSome("skip()");
    int count = Math.min(length, tail - head);
    drop(count);
    return count;
  }

  // ---- waiting

  private void begin(String method) throws IOException {
    Callers.checkTask(loop, method);
    if (exception != null) {
      throw Failures.rethrow(exception);
    }
  }

  /** Waits until there is a byte, or the end. */
  private void awaitSome(String method) throws IOException {
    while (head == tail && !eof) {
      awaitData(method);
    }
  }

  /** How many bytes the next line has; at the end all that are left. */
  private int awaitLine(String method) throws IOException {
    begin(method);
    try {
      int count = awaitSeparator(Separators.NEWLINE, method);
      return count < 0 ? tail - head : count;
    } catch (LimitOverrunException e) {
      int end = head + e.consumed();
      drop(end < tail && buffer[end] == '\n' ? e.consumed() + 1 : tail - head);
      throw e;
    }
  }

  /**
   * How many bytes there are up to the end of the first separator; -1 if the stream ends before.
   */
  private int awaitSeparator(Separators separators, String method) throws IOException {
    int searched = 0;
    while (true) {
      int end = separators.find(buffer, head, head + searched, tail);
      if (end >= 0) {
        int before = end - head - separators.lengthAt(buffer, head, end);
        if (before > limit) {
          throw new LimitOverrunException(
              "Separator is found, but chunk is longer than limit: "
                  + before
                  + " bytes, where the limit is "
                  + limit
                  + "; set another one in the options of the connection or server",
              before);
        }
        return end - head;
      }
      searched = tail - head;
      int useless = searched + 1 - separators.longest(); // no separator can begin in these
      if (useless > limit) {
        throw new LimitOverrunException(
            "Separator is not found, and chunk exceed the limit: "
                + useless
                + " bytes, where the limit is "
                + limit
                + "; set another one in the options of the connection or server",
            useless);
      }
      if (eof) {
        return -1;
      }
      awaitData(method);
    }
  }

  /** Waits until something happens: bytes, the end, or a failure, which is thrown. */
  private void awaitData(String method) throws IOException {
    if (waiter != null) {
      throw new IllegalStateException(
          method
              + " was called while another task waits for data of "
              + this
              + "; have one task read, or guard the reader with a Lock");
    }
    if (exception != null) {
      throw Failures.rethrow(exception);
    }
    if (paused) {
      resume(); // or what is waited for would never come
    }
    trim();
    Wait wait = new Wait(loop, "stream data", WaitKind.STREAM_READ, transport);
    waiter = wait;
    try {
      wait.awaitRelease();
    } finally {
      if (waiter == wait) {
        waiter = null;
      }
    }
  }

  // ---- the buffer

  private byte[] take(int count) {
    if (count == buffer.length) {
      return takeAll(); // the array itself
    }
    byte[] taken = Arrays.copyOfRange(buffer, head, head + count);
    drop(count);
    return taken;
  }

  private byte[] takeAll() {
    byte[] all = tail - head == buffer.length ? buffer : Arrays.copyOfRange(buffer, head, tail);
    drop(tail - head);
    return all;
  }

  private void drop(int count) {
    head += count;
    if (head == tail) {
      buffer = EMPTY;
      head = 0;
      tail = 0;
    }
    if (paused && tail - head <= limit) {
      resume();
    }
  }

  private void resume() {
    ReadTransport from = transport;
    paused = false;
    if (from != null) {
      from.resumeReading();
    }
  }

  /** Makes room for {@code count} bytes behind {@code tail}. */
  private void makeRoom(int count) {
    int size = tail - head;
    if (buffer.length - tail >= count) {
      return;
    }
    if (size + (long) count <= buffer.length && head >= size) {
      // Moves no more bytes than were read since the last time, so this is linear in the whole.
      System.arraycopy(buffer, head, buffer, 0, size);
    } else {
      byte[] bigger = new byte[biggerLength(size, count)];
      System.arraycopy(buffer, head, bigger, 0, size);
      buffer = bigger;
    }
    head = 0;
    tail = size;
  }

  private static int biggerLength(int size, int count) {
    if (size == 0) {
      return count;
    }
    long needed = (long) size + count;
    if (needed > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "a stream reader cannot hold " + needed + " bytes; read in pieces, with read(n)");
    }
    long doubled = Math.max(SMALLEST_GROWTH, 2L * size);
    return (int) Math.max(needed, Math.min(doubled, Integer.MAX_VALUE - 8));
  }

  /** Does not keep a big array for a few bytes while a task waits, perhaps for long. */
  private void trim() {
    if (buffer.length >= TRIM_FROM && tail - head < buffer.length / 4) {
      buffer = Arrays.copyOfRange(buffer, head, tail);
      tail -= head;
      head = 0;
    }
  }

  // ---- text

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("<StreamReader");
    if (head < tail) {
      text.append(' ').append(tail - head).append(" bytes");
    }
    if (eof) {
      text.append(" eof");
    }
    if (limit != DEFAULT_LIMIT) {
      text.append(" limit=").append(limit);
    }
    if (waiter != null) {
      text.append(" waiter=").append(waiter);
    }
    if (exception != null) {
      text.append(" exception=").append(exception);
    }
    if (transport != null) {
      text.append(" transport=").append(transport);
    }
    if (paused) {
      text.append(" paused");
    }
    return text.append('>').toString();
  }
}
