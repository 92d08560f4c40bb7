package asyncio.internal.nio;

import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits with an NIO selector.
 *
 * <p><b>Threading:</b> {@link #wakeUp} is thread-safe; the rest belongs to the loop's thread.
 */
public final class SelectorPoller implements IoPoller {
  /*
   * What the JDK asks for, and what is done about it:
   *
   * - A channel keeps one key for as long as it is in: a change of interest never cancels it, since a channel cannot be
   *   registered again before a poll has flushed its cancelled key.
   * - A closed channel keeps its descriptor until a poll has flushed its key. keys() holds such a key until then, so a poll
   *   that does not wait may be skipped only if keys() is empty.
   * - A channel closed by others leaves keys() without an event. So fewer keys than `live` entries mean: look for them.
   * - Nor does that end a poll that waits. So before waiting, if there are channels that others may close, a poll that does
   *   not wait lets closed ones leave. It may swallow a wake-up, hence the flag `woken`.
   * - Interest in connecting that is left on after the connect makes every select return at once, and interest in writing
   *   that is set before it never fires but spins as well. So those in `connecting` are looked at again before each poll.
   * - The consumer of select() runs inside its monitors: it only notes the keys.
   */
  private final Selector selector;
  private final Consumer<SelectionKey> collector = this::collect;

  /**
   * All registrations that have a key which is not cancelled, in no order; each knows its index.
   */
  private final List<SelectorRegistration> live = new ArrayList<>();

  /** Those that leave at the next poll, unless they have taken an interest again. */
  private final List<SelectorRegistration> leaving = new ArrayList<>();

  /** Those whose interest in writing stands for the end of a connect. */
  private final List<SelectorRegistration> connecting = new ArrayList<>();

  /** False if the selector has no keys: looking there costs more than the rest of an idle poll. */
  private boolean mayHaveKeys;

  /** How many of {@link #live} have a listener that shares its channel with others. */
  private int shared;

  /** Set before each wake-up of the selector, by any thread; cleared when a poll ends. */
  private volatile boolean woken;

  private @Nullable SelectionKey[] collected = new SelectionKey[64];
  private int collectedCount;

  /** Makes one that waits for the channels of {@code provider}. */
  public SelectorPoller(SelectorProvider provider) {
    try {
      selector = provider.openSelector();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open a selector; are file descriptors exhausted?", e);
    }
  }

  // ---- channels

  @Override
  public Registration register(Channel channel, Listener listener) throws IOException {
    if (!(channel instanceof SelectableChannel selectable)) {
      throw new IllegalArgumentException(
          "channel: a selector cannot wait for " + channel + "; use a SelectableChannel");
    }
    if (selectable.isOpen() && selectable.isBlocking()) {
      throw new IllegalArgumentException(
          "channel: " + channel + " is in blocking mode; call configureBlocking(false) first");
    }
    if (selectable.provider() != selector.provider()) {
      throw new IllegalArgumentException(
          "channel: "
              + channel
              + " is not of this loop's network; open it with "
              + selector.provider());
    }
    makeRoom(selectable.keyFor(selector));
    SelectorRegistration registration = new SelectorRegistration(selectable, listener);
    registration.key = selectable.register(selector, 0, registration);
    mayHaveKeys = true;
    registration.index = live.size();
    live.add(registration);
    shared += registration.isShared ? 1 : 0;
    return registration;
  }

  /** Has {@code key} be cancelled and flushed, or free to be taken over. */
  private void makeRoom(@Nullable SelectionKey key) {
    if (key == null) {
      return;
    }
    if (!key.isValid()) {
      flush(); // it left a moment ago
    } else if (key.attachment() instanceof SelectorRegistration registration) {
      if (!registration.isLeaving) {
        throw new IllegalStateException(
            registration.channel + " is in use already, by " + registration.listener);
      }
      forget(registration);
    }
  }

  @Override
  public @Nullable Registration find(Channel channel) {
    Registration place = place(channel);
    return place == null || place.isReleased() ? null : place;
  }

  @Override
  public @Nullable Registration place(Channel channel) {
    SelectionKey key =
        channel instanceof SelectableChannel selectable ? selectable.keyFor(selector) : null;
    return key != null && key.isValid() ? (Registration) key.attachment() : null;
  }

  private final class SelectorRegistration implements Registration {
    private final SelectableChannel channel;
    private final Listener listener;
    private final boolean isShared;
    private @Nullable SelectionKey key;
    private int index;
    private int wanted;
    private boolean isLeaving;

    /** Whether it is in the list of those that leave; one that came back stays there. */
    private boolean isListed;

    private boolean isConnecting;

    SelectorRegistration(SelectableChannel channel, Listener listener) {
      this.channel = channel;
      this.listener = listener;
      this.isShared = listener.sharesChannel();
    }

    @Override
    public Listener listener() {
      return listener;
    }

    @Override
    public void setInterest(int operations) {
      wanted = operations;
      isLeaving = false;
      apply();
    }

    @Override
    public void release() {
      wanted = 0; // the key keeps its interest, so that coming back changes nothing in it
      isLeaving = true;
      if (!isListed) {
        isListed = true;
        leaving.add(this);
      }
    }

    @Override
    public boolean isReleased() {
      return isLeaving;
    }

    /**
     * Tells the key what is wanted now; that costs a system call in the next poll, if it is a
     * change until then.
     */
    void apply() {
      SelectionKey k = key;
      if (k == null || !k.isValid()) {
        return; // closed: the next poll finds out
      }
      int operations = 0;
      if ((wanted & READ) != 0) {
        operations = channel.validOps() & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT);
      }
      if ((wanted & WRITE) != 0) {
        boolean pending = channel instanceof SocketChannel socket && socket.isConnectionPending();
        operations |=
            pending ? SelectionKey.OP_CONNECT : channel.validOps() & SelectionKey.OP_WRITE;
        if (pending && !isConnecting) {
          isConnecting = true;
          connecting.add(this);
        }
      }
      if (k.interestOps() != operations) {
        k.interestOps(operations);
      }
    }

    void tellReady() {
      SelectionKey k = key;
      if (k == null || !k.isValid()) {
        return; // closed since, or between being found and being told
      }
      int ready = k.readyOps();
      int operations = (ready & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0 ? READ : 0;
      if ((ready & (SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT)) != 0) {
        operations |= WRITE;
      }
      operations &= wanted;
      if (operations != 0) {
        listener.ready(operations);
      }
    }
  }

  private void forget(SelectorRegistration registration) {
    SelectorRegistration last = live.removeLast();
    if (last != registration) {
      live.set(registration.index, last);
      last.index = registration.index;
    }
    registration.key = null;
    shared -= registration.isShared ? 1 : 0;
  }

  // ---- waiting

  @Override
  public void poll(long timeoutNanos) {
    prepare();
    try {
      if (timeoutNanos > 0 && !isReadyBefore()) {
        Thread.interrupted(); // a set flag would make every select return at once
        selector.select(collector, roundUpToMillis(timeoutNanos));
      } else if (timeoutNanos <= 0 && mayHaveKeys) {
        mayHaveKeys = !selector.keys().isEmpty();
        if (mayHaveKeys) {
          selector.selectNow(collector);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    woken = false; // before the loop takes what those who woke it have queued
    if (collectedCount > 0) {
      tellCollected();
    }
    if (!live.isEmpty() && selector.keys().size() < live.size()) {
      tellClosed();
    }
  }

  /** Lets channels leave that were closed, and says whether there is something to tell already. */
  private boolean isReadyBefore() throws IOException {
    if (shared == 0) {
      return false;
    }
    selector.selectNow(collector);
    return collectedCount > 0 || selector.keys().size() < live.size() || woken;
  }

  /** Does what was put off until now. */
  private void prepare() {
    if (!leaving.isEmpty()) {
      for (SelectorRegistration registration : leaving) {
        registration.isListed = false;
        SelectionKey key = registration.key;
        if (registration.isLeaving && key != null) {
          key.cancel();
          forget(registration);
        }
      }
      leaving.clear();
    }
    if (!connecting.isEmpty()) {
      for (SelectorRegistration registration : connecting) {
        registration.isConnecting = false;
      }
      List<SelectorRegistration> before = List.copyOf(connecting);
      connecting.clear();
      before.forEach(SelectorRegistration::apply); // those still connecting enter themselves again
    }
  }

  private void collect(SelectionKey key) {
    if (collectedCount == collected.length) {
      collected = Arrays.copyOf(collected, collectedCount * 2);
    }
    collected[collectedCount++] = key;
  }

  private void tellCollected() {
    int count = collectedCount;
    collectedCount = 0;
    for (int i = 0; i < count; i++) {
      SelectionKey key = collected[i];
      collected[i] = null;
      if (key != null && key.attachment() instanceof SelectorRegistration registration) {
        registration.tellReady();
      }
    }
  }

  private void tellClosed() {
    for (SelectorRegistration registration : List.copyOf(live)) {
      SelectionKey key = registration.key;
      if (key != null && !key.isValid()) {
        forget(registration);
        if (!registration.isLeaving) {
          registration.listener.closedBehind();
        }
      }
    }
  }

  @Override
  public void wakeUp() {
    woken = true;
    selector.wakeup();
  }

  // ---- the end

  @Override
  public void flush() {
    if (selector.keys().isEmpty()) {
      return;
    }
    prepare();
    try {
      selector.selectNow(_ -> {}); // readiness is a level: the next poll finds it again
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (SelectorRegistration registration : List.copyOf(live)) {
      if (!registration.isLeaving) {
        registration.listener.loopClosed();
      }
    }
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long roundUpToMillis(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    return TimeUnit.MILLISECONDS.toNanos(millis) < nanos ? millis + 1 : millis;
  }
}
