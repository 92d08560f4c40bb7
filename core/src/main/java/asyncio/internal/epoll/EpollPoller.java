package asyncio.internal.epoll;

import asyncio.internal.loop.IoPoller;
import asyncio.internal.vthread.JdkInternals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Waits with {@code epoll} for channels of the JDK's.
 *
 * <p><b>Threading:</b> {@link #wakeUp} is thread-safe; the rest belongs to the loop's thread.
 */
public final class EpollPoller implements IoPoller {
  /*
   * What the kernel does, and what is done about it:
   *
   * - It waits for descriptors, which are numbers, and the JDK closes a channel's as soon as the channel is closed. The
   *   next channel may have the same number. So a place knows its channel, and each entry in the kernel has a token of its
   *   own: an event with another token than the place's is of a channel that is gone.
   * - A closed descriptor leaves the kernel's table by itself, unless a child that is being started holds a copy for a
   *   moment. It can no longer be taken out then, since its number is gone, and tells events all the time. So an event with
   *   a foreign token has all be entered anew, in another epoll instance.
   * - Closing makes no event. So those whose channel others may close are looked at before each poll (ClosedSearch).
   * - Errors and hang-ups are told even to those who asked for nothing. So who asks for nothing is not in the kernel's table.
   * - Each change costs a system call. So changes wait until the next poll, and many come to nothing until then.
   */
  private static final long WAKER_TOKEN = -1;

  private final SelectorProvider provider = SelectorProvider.provider();
  private final EventBuffer buffer;
  private final Waker waker;
  private int epoll;

  /** The places by the numbers of their descriptors; a closed channel may have lost its own. */
  private @Nullable EpollRegistration[] places = new EpollRegistration[64];

  /** All that are in; each knows its index. */
  private final List<EpollRegistration> live = new ArrayList<>();

  /** Those that have to be compared with the kernel's table before the next poll. */
  private final List<EpollRegistration> changed = new ArrayList<>();

  private final ClosedSearch<EpollRegistration> shared =
      new ClosedSearch<>(1024, place -> !place.channel.isOpen());
  private final ClosedSearch<EpollRegistration> unshared =
      new ClosedSearch<>(8, place -> !place.channel.isOpen());

  /** Places whose channel is closed, to be told in this poll. */
  private final List<EpollRegistration> closed = new ArrayList<>();

  private int tokens;

  /** How many polls in a row have told nothing, and found nobody closed. */
  private int idlePolls;

  /**
   * Opens one.
   *
   * @throws UnsupportedOperationException if it cannot work here, with the reason
   */
  public EpollPoller() {
    Epoll.checkAvailable();
    buffer = new EventBuffer();
    int opened = -1;
    try {
      opened = Libc.create(buffer.errno());
      waker = new Waker(buffer.errno());
    } catch (IOException e) {
      if (opened >= 0) {
        Libc.close(opened);
      }
      throw new UncheckedIOException(
          "cannot open an epoll instance; are file descriptors exhausted?", e);
    }
    epoll = opened;
    enterWaker();
  }

  private void enterWaker() {
    control(
        Libc.CTL_ADD,
        waker.descriptor(),
        EventBuffer.READABLE | EventBuffer.ON_CHANGE,
        WAKER_TOKEN);
  }

  // ---- channels

  @Override
  public Registration register(Channel channel, Listener listener) throws IOException {
    if (!(channel instanceof SelectableChannel selectable)) {
      throw new IllegalArgumentException(
          "channel: epoll cannot wait for " + channel + "; use a SelectableChannel");
    }
    if (!selectable.isOpen()) {
      throw new ClosedChannelException();
    }
    if (selectable.isBlocking()) {
      throw new IllegalArgumentException(
          "channel: " + channel + " is in blocking mode; call configureBlocking(false) first");
    }
    int descriptor = JdkInternals.descriptorOf(channel);
    if (descriptor < 0 || selectable.provider() != provider) {
      throw new IllegalArgumentException(
          "channel: "
              + channel
              + " is not of this loop's network, which has descriptors; open it with "
              + provider
              + ", or use a SelectorEventLoop of its provider");
    }
    EpollRegistration registration = new EpollRegistration(selectable, descriptor, listener);
    makeRoom(registration);
    places[descriptor] = registration;
    registration.isIn = true;
    registration.index = live.size();
    live.add(registration);
    searchFor(registration).add(registration);
    return registration;
  }

  /** Has the place of a number be free, or takes it over with its entry in the kernel. */
  private void makeRoom(EpollRegistration newcomer) {
    int descriptor = newcomer.descriptor;
    if (descriptor >= places.length) {
      places = Arrays.copyOf(places, Math.max(descriptor + 1, places.length * 2));
    }
    EpollRegistration holder = places[descriptor];
    if (holder == null) {
      return;
    }
    if (holder.channel != newcomer.channel) {
      lose(holder); // it was closed, or its number would not be free
    } else if (!holder.isLeaving) {
      throw new IllegalStateException(holder.channel + " is in use already, by " + holder.listener);
    } else {
      newcomer.token = holder.token;
      newcomer.entered = holder.entered;
      newcomer.change(); // should it ask for nothing
      forget(holder);
    }
  }

  @Override
  public @Nullable Registration find(Channel channel) {
    Registration place = place(channel);
    return place == null || place.isReleased() ? null : place;
  }

  @Override
  public @Nullable Registration place(Channel channel) {
    int descriptor = JdkInternals.descriptorOf(channel);
    if (descriptor < 0 || descriptor >= places.length || !channel.isOpen()) {
      return null;
    }
    EpollRegistration place = places[descriptor];
    return place != null && place.channel == channel ? place : null;
  }

  private ClosedSearch<EpollRegistration> searchFor(EpollRegistration registration) {
    return registration.isShared ? shared : unshared;
  }

  private void forget(EpollRegistration registration) {
    EpollRegistration last = live.removeLast();
    if (last != registration) {
      live.set(registration.index, last);
      last.index = registration.index;
    }
    searchFor(registration).remove(registration);
    if (places[registration.descriptor] == registration) {
      places[registration.descriptor] = null;
    }
    registration.isIn = false;
    registration.entered = 0;
  }

  /** Forgets one whose channel is closed; it is told in the next poll, or in this one. */
  private void lose(EpollRegistration registration) {
    forget(registration);
    if (!registration.isLeaving) {
      closed.add(registration);
    }
  }

  private final class EpollRegistration extends ClosedSearch.Entry implements Registration {
    private final SelectableChannel channel;
    private final int descriptor;
    private final Listener listener;
    private final boolean isShared;

    private boolean isIn;
    private int index;
    private int wanted;
    private boolean isLeaving;

    /** Whether it is in {@link #changed}. */
    private boolean isListed;

    /** What the kernel was asked for, with which token; 0 if it has no entry. */
    private int entered;

    private long token;

    EpollRegistration(SelectableChannel channel, int descriptor, Listener listener) {
      this.channel = channel;
      this.descriptor = descriptor;
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
      change();
    }

    @Override
    public void release() {
      wanted = 0;
      isLeaving = true;
      change();
    }

    @Override
    public boolean isReleased() {
      return isLeaving;
    }

    void change() {
      if (!isListed) {
        isListed = true;
        changed.add(this);
      }
    }

    /** The events that stand for what is wanted, of what the channel can do. */
    int mask() {
      int mask = 0;
      if ((wanted & READ) != 0
          && (channel.validOps() & (SelectionKey.OP_READ | SelectionKey.OP_ACCEPT)) != 0) {
        mask = EventBuffer.READABLE;
      }
      if ((wanted & WRITE) != 0 && (channel.validOps() & SelectionKey.OP_WRITE) != 0) {
        mask |= EventBuffer.WRITABLE;
      }
      return mask;
    }

    /** An error or a hang-up is for all who have asked for something. */
    void tell(int events) {
      if (!channel.isOpen()) {
        lose(this);
        return;
      }
      boolean isOver = (events & (EventBuffer.FAILED | EventBuffer.HUNG_UP)) != 0;
      int heard = isOver ? entered : events & entered;
      int operations =
          ((heard & EventBuffer.READABLE) != 0 ? READ : 0)
              | ((heard & EventBuffer.WRITABLE) != 0 ? WRITE : 0);
      operations &= wanted; // another listener of this poll may have changed that
      if (operations != 0) {
        listener.ready(operations);
      }
    }
  }

  // ---- the kernel's table

  /** Does what was put off until now. */
  private void prepare() {
    if (changed.isEmpty()) {
      return;
    }
    for (EpollRegistration registration : changed) {
      registration.isListed = false;
      if (registration.isIn) {
        if (!registration.channel.isOpen()) {
          lose(registration);
        } else if (registration.isLeaving) {
          enter(registration, 0);
          forget(registration);
        } else {
          enter(registration, registration.mask());
        }
      }
    }
    changed.clear();
  }

  private void enter(EpollRegistration registration, int mask) {
    int before = registration.entered;
    if (mask == before) {
      return;
    }
    registration.entered = mask;
    if (mask == 0) {
      control(Libc.CTL_DEL, registration.descriptor, 0, 0);
    } else if (before != 0) {
      control(Libc.CTL_MOD, registration.descriptor, mask, registration.token);
    } else {
      registration.token = ((long) ++tokens << 32) | registration.descriptor;
      control(Libc.CTL_ADD, registration.descriptor, mask, registration.token);
    }
  }

  /**
   * Changes the kernel's table. That a descriptor is not what it was is no error: somebody has
   * closed its channel in this moment, which the next poll finds out.
   */
  private void control(int operation, int descriptor, int mask, long token) {
    int error = buffer.control(epoll, operation, descriptor, mask, token);
    if (error != 0 && error != Libc.ENOENT && error != Libc.EBADF && error != Libc.EEXIST) {
      throw new UncheckedIOException(
          new IOException(
              "epoll_ctl: error "
                  + error
                  + " for descriptor "
                  + descriptor
                  + "; 28 is too many of them, see /proc/sys/fs/epoll/max_user_watches"));
    }
  }

  /** Gets rid of entries that nobody can name any more. */
  private void enterAllAnew() {
    int opened;
    try {
      opened = Libc.create(buffer.errno());
    } catch (IOException e) {
      return; // no descriptor is left just now; the next poll tries again
    }
    Libc.close(epoll);
    epoll = opened;
    enterWaker();
    for (EpollRegistration registration : live) {
      int mask = registration.entered;
      registration.entered = 0;
      if (mask != 0 && registration.channel.isOpen()) {
        enter(registration, mask);
      }
    }
  }

  // ---- waiting

  @Override
  public void poll(long timeoutNanos) {
    prepare();
    if (timeoutNanos > 0 || !live.isEmpty()) {
      shared.search(this::lose);
      unshared.search(this::lose);
      await(closed.isEmpty() ? timeoutNanos : 0);
    }
    waker.endWait(); // before the loop takes what those who woke it have queued
    if (!closed.isEmpty()) {
      tellClosed();
    }
  }

  private void await(long timeoutNanos) {
    boolean waits = timeoutNanos > 0 && waker.beginWait();
    int count;
    try {
      boolean holdsCarrier = waits && Thread.currentThread().isVirtual();
      long limit = waits ? shared.limit(timeoutNanos, idlePolls) : 0;
      count = buffer.await(epoll, holdsCarrier ? 0 : limit);
      if (count == 0 && holdsCarrier) {
        count = WaitThreads.await(buffer, epoll, limit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    idlePolls = count == 0 && waits ? idlePolls + 1 : 0;
    boolean foreign = false;
    for (int i = 0; i < count; i++) {
      long token = buffer.token(i);
      if (token != WAKER_TOKEN) {
        EpollRegistration place = places[(int) token];
        if (place != null && place.token == token) {
          place.tell(buffer.mask(i));
        } else {
          foreign = true;
        }
      }
    }
    if (foreign) {
      enterAllAnew();
    }
  }

  private void tellClosed() {
    List<EpollRegistration> gone = List.copyOf(closed);
    closed.clear();
    for (EpollRegistration registration : gone) {
      registration.listener.closedBehind();
    }
  }

  @Override
  public void wakeUp() {
    waker.wake();
  }

  // ---- the end

  @Override
  public void flush() {
    prepare();
  }

  @Override
  public void close() {
    for (EpollRegistration registration : List.copyOf(live)) {
      if (!registration.isLeaving) {
        registration.listener.loopClosed();
      }
    }
    Libc.close(epoll);
    waker.close();
  }
}
