package asyncio.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A protocol whose input is cut where the program says: at a sequence of bytes, after a number of
 * bytes, or nowhere; what {@code asynchat} was for (spec HER-14 to HER-18).
 *
 * <p>Bytes go to {@link #collectIncomingData} as they come; {@link #foundTerminator} is called
 * where one piece ends, and may ask for another kind of end for the next.
 *
 * <pre>{@code
 * class Lines extends TerminatorProtocol {
 *   final StringBuilder line = new StringBuilder();
 *
 *   Lines() {
 *     setTerminator("\n".getBytes());
 *   }
 *
 *   protected void collectIncomingData(ByteBuffer data) {
 *     line.append(UTF_8.decode(data));
 *   }
 *
 *   protected void foundTerminator() {
 *     push(("you said " + line + "\n").getBytes());
 *     line.setLength(0);
 *   }
 * }
 * }</pre>
 *
 * <p>Output is queued with {@link #push}, {@link #pushWithProducer} and {@link #closeWhenDone}, and
 * handed to the transport in order, as long as that does not ask to pause.
 *
 * <p><b>Threading:</b> loop-confined, as every protocol.
 */
public abstract class TerminatorProtocol implements Protocol {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** Makes the blocks of a long answer one by one, when there is room for them. */
  @FunctionalInterface
  public interface MoreProducer {

    /** The next block; null or an empty one if that was all. */
    byte @Nullable [] more();
  }

  /** What is to come out: bytes, a producer of some, or the end. */
  private sealed interface Output {
    record Bytes(ByteBuffer block) implements Output {}

    record Producer(MoreProducer producer) implements Output {}

    record End() implements Output {}
  }

  private @Nullable Transport transport;

  // input: what ends a piece; neither of them is no end
  private byte @Nullable [] terminator;
  private int[] fallbacks = {};
  private long countLeft;

  /** Bytes that may be the beginning of a terminator. */
  private ByteBuffer heldBack = NOTHING;

  // output
  private final Deque<Output> queue = new ArrayDeque<>();
  private boolean paused;
  private boolean sending;

  /** Makes one without a terminator. */
  protected TerminatorProtocol() {}

  // ---- input

  /**
   * Some bytes that belong to the current piece: not empty, and without the terminator.
   *
   * @param data may be kept
   * @throws Exception is reported, and ends the connection
   */
  protected abstract void collectIncomingData(ByteBuffer data) throws Exception;

  /** The end of a piece has come. Bytes behind it wait until this has returned. */
  protected abstract void foundTerminator() throws Exception;

  /**
   * Ends pieces at these bytes, from the bytes on that have not been handed over yet.
   *
   * @throws IllegalArgumentException if there are none; see {@link #clearTerminator}
   */
  protected final void setTerminator(byte[] bytes) {
    if (bytes.length == 0) {
      throw new IllegalArgumentException(
          "terminator: must not be empty; clearTerminator() passes everything on");
    }
    terminator = bytes.clone();
    fallbacks = fallbacks(terminator);
    countLeft = 0;
  }

  /**
   * Ends the piece after so many bytes. After that there is no end, until one is set again; zero
   * means the same at once.
   *
   * @throws IllegalArgumentException if {@code count} is negative
   */
  protected final void setTerminator(long count) {
    if (count < 0) {
      throw new IllegalArgumentException("terminator: must not be negative, got " + count);
    }
    terminator = null;
    countLeft = count;
  }

  /** Passes everything on as it comes. */
  protected final void clearTerminator() {
    setTerminator(0);
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    ByteBuffer input = data;
    if (heldBack.hasRemaining()) {
      input = ByteBuffer.allocate(heldBack.remaining() + data.remaining());
      input.put(heldBack).put(data).flip();
      heldBack = NOTHING;
    }
    while (input.hasRemaining()) {
      byte[] end = terminator;
      if (end != null) {
        if (!takeUpTo(end, input)) {
          return;
        }
      } else if (countLeft > 0) {
        takeCounted(input);
      } else {
        collectIncomingData(take(input, input.remaining()));
      }
    }
  }

  /** Whether anything is left to do: false if the rest may be the beginning of the terminator. */
  private boolean takeUpTo(byte[] end, ByteBuffer input) throws Exception {
    int matched = 0;
    for (int at = input.position(); at < input.limit(); at++) {
      byte next = input.get(at);
      while (matched > 0 && next != end[matched]) {
        matched = fallbacks[matched - 1];
      }
      if (next == end[matched]) {
        matched++;
      }
      if (matched == end.length) {
        collect(input, at + 1 - end.length - input.position());
        input.position(at + 1);
        foundTerminator();
        return true;
      }
    }
    collect(input, input.remaining() - matched);
    heldBack = take(input, matched);
    return false;
  }

  /** For each prefix how long a shorter one it ends in (Knuth, Morris, Pratt). */
  private static int[] fallbacks(byte[] end) {
    int[] fallbacks = new int[end.length];
    for (int i = 1, length = 0; i < end.length; i++) {
      while (length > 0 && end[i] != end[length]) {
        length = fallbacks[length - 1];
      }
      if (end[i] == end[length]) {
        length++;
      }
      fallbacks[i] = length;
    }
    return fallbacks;
  }

  private void takeCounted(ByteBuffer input) throws Exception {
    int size = (int) Math.min(countLeft, input.remaining());
    countLeft -= size;
    boolean found = countLeft == 0;
    collect(input, size);
    if (found) {
      foundTerminator();
    }
  }

  private void collect(ByteBuffer input, int size) throws Exception {
    if (size > 0) {
      collectIncomingData(take(input, size));
    }
  }

  private static ByteBuffer take(ByteBuffer input, int size) {
    ByteBuffer taken = input.slice(input.position(), size);
    input.position(input.position() + size);
    return taken;
  }

  // ---- output

  /** Queues the remaining bytes of {@code data}, in blocks of 64 KiB. They may be used again. */
  public final void push(ByteBuffer data) {
    while (data.hasRemaining()) {
      ByteBuffer block = ByteBuffer.allocate(Math.min(BLOCK_BYTES, data.remaining()));
      block.put(take(data, block.capacity())).flip();
      queue.add(new Output.Bytes(block));
    }
    send();
  }

  /** As {@link #push(ByteBuffer)}, for a whole array. */
  public final void push(byte[] data) {
    push(ByteBuffer.wrap(data));
  }

  /** Queues whatever {@code producer} gives; it is asked whenever there is room. */
  public final void pushWithProducer(MoreProducer producer) {
    queue.add(new Output.Producer(Objects.requireNonNull(producer, "producer")));
    send();
  }

  /** Closes the connection once everything that is queued has been sent. */
  public final void closeWhenDone() {
    queue.add(new Output.End());
    send();
  }

  /** Drops what is queued, and bytes that were held back. */
  public final void discardBuffers() {
    queue.clear();
    heldBack = NOTHING;
  }

  private void send() {
    Transport out = transport;
    if (out == null || sending) {
      return; // not connected yet, or called by a producer or by pauseWriting()
    }
    sending = true;
    try {
      for (Output next = queue.peek(); next != null && !paused; next = queue.peek()) {
        switch (next) {
          case Output.Bytes(var block) -> {
            queue.remove();
            out.write(block);
          }
          case Output.Producer producer -> produce(producer, out);
          case Output.End() -> {
            queue.clear();
            out.close();
          }
        }
      }
    } finally {
      sending = false;
    }
  }

  private void produce(Output.Producer next, Transport out) {
    byte[] block;
    try {
      block = next.producer().more();
    } catch (Throwable t) {
      queue.clear();
      out.abort(); // what follows would be taken for the rest of this answer
      throw t;
    }
    if (block != null && block.length > 0) {
      out.write(block);
    } else if (queue.peek() == next) {
      queue.remove();
    }
  }

  // ---- the connection

  /** Whoever overrides this calls it. */
  @Override
  public void connectionMade(Transport made) throws Exception {
    transport = made;
    send();
  }

  /** The transport; null before {@link #connectionMade} and after {@link #connectionLost}. */
  protected final @Nullable Transport transport() {
    return transport;
  }

  /** Whoever overrides this calls it. */
  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    transport = null;
    discardBuffers();
  }

  @Override
  public final void pauseWriting() {
    paused = true;
  }

  @Override
  public final void resumeWriting() {
    paused = false;
    send();
  }
}
