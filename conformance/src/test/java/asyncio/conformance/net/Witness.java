package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;

import asyncio.Action;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.net.BaseTransport;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A protocol that writes down what it is told, and does what a test says then.
 *
 * <p>The trail has the words made, data, eof, pause, resume and lost; data that come in several
 * pieces are one word, since their number means nothing.
 */
class Witness implements Protocol {
  /** What the protocol was told, in order. */
  final List<String> trail = new ArrayList<>();

  /** What is to be done within a call, by its word. */
  private final Map<String, Action> reactions = new HashMap<>();

  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final List<Watcher> watchers = new ArrayList<>();
  private @Nullable Transport transport;
  private @Nullable Throwable lostWith;
  private boolean isLost;
  private boolean keepsOpen;

  /** A task that waits for something to become true. */
  private record Watcher(BooleanSupplier condition, Future<@Nullable Void> future) {}

  /** The size of the largest piece of data. */
  int largestPiece;

  /** The transport; there is one from {@code connectionMade} on, also after the end. */
  final Transport transport() {
    Transport made = transport;
    if (made == null) {
      throw new AssertionError("the connection was not made: " + trail);
    }
    return made;
  }

  final boolean isMade() {
    return transport != null;
  }

  /** Has {@code reaction} run whenever the protocol is told {@code word}. */
  final void on(String word, Action reaction) {
    reactions.put(word, reaction);
  }

  /** Has {@code eofReceived} answer with true. */
  final void keepOpen() {
    keepsOpen = true;
  }

  // ---- what is done with the connection

  final void write(String text) {
    transport().write(bytes(text));
  }

  /** Writes until the operating system takes no more, and says how many bytes that made. */
  final long fill() {
    byte[] piece = new byte[16 * 1024];
    long total = 0;
    do {
      transport().write(piece);
      total += piece.length;
      if (total > 256 << 20) {
        throw new AssertionError("nothing stops the writing of " + transport());
      }
    } while (transport().getWriteBufferSize() == 0);
    return total;
  }

  /** Lets the operating system take what it can, until it takes no more. */
  @Suspends
  final void untilStuck() {
    long before = -1;
    for (int still = 0; still < 20; still++) {
      long size = transport().getWriteBufferSize();
      if (size != before) {
        still = 0;
      }
      before = size;
      Turns.turn();
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---- what has come

  final int receivedCount() {
    return received.size();
  }

  final byte[] received() {
    return received.toByteArray();
  }

  final String text() {
    return received.toString(StandardCharsets.UTF_8);
  }

  final boolean isLost() {
    return isLost;
  }

  /** What {@code connectionLost} was given. */
  final @Nullable Throwable lostWith() {
    return lostWith;
  }

  /** How often the protocol was told {@code word}. */
  final long count(String word) {
    return trail.stream().filter(word::equals).count();
  }

  @Suspends
  final void until(BooleanSupplier condition) {
    if (!condition.getAsBoolean()) {
      Watcher watcher = new Watcher(condition, getRunningLoop().createFuture());
      watchers.add(watcher);
      await(watcher.future());
    }
  }

  @Suspends
  final void untilReceived(int count) {
    until(() -> received.size() >= count);
  }

  @Suspends
  final void untilTold(String word) {
    until(() -> trail.contains(word));
  }

  @Suspends
  final void untilLost() {
    until(() -> isLost);
  }

  // ---- the protocol

  private void told(String word) throws Exception {
    if (!word.equals("data") || trail.isEmpty() || !trail.getLast().equals("data")) {
      trail.add(word);
    }
    try {
      Action reaction = reactions.get(word);
      if (reaction != null) {
        reaction.run();
      }
    } finally {
      for (Watcher watcher : List.copyOf(watchers)) {
        if (watcher.condition().getAsBoolean()) {
          watchers.remove(watcher);
          if (!watcher.future().isDone()) {
            watcher.future().setResult(null);
          }
        }
      }
    }
  }

  @Override
  public void connectionMade(Transport made) throws Exception {
    transport = made;
    told("made");
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    largestPiece = Math.max(largestPiece, data.remaining());
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    received.writeBytes(bytes);
    told("data");
  }

  @Override
  public boolean eofReceived() throws Exception {
    told("eof");
    return keepsOpen;
  }

  @Override
  public void pauseWriting() throws Exception {
    told("pause");
  }

  @Override
  public void resumeWriting() throws Exception {
    told("resume");
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    isLost = true;
    lostWith = exception;
    told("lost");
  }

  @Override
  public String toString() {
    BaseTransport made = transport;
    return "<Witness " + trail + " of " + made + ">";
  }
}
