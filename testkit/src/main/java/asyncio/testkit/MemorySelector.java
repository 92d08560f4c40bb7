package asyncio.testkit;

import asyncio.EventLoop;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.channels.spi.AbstractSelector;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the channels of a {@link MemoryNetwork}.
 *
 * <p><b>Order:</b> keys are found in the order in which they became ready; those that nothing has
 * happened to since the last time, in the order in which they were registered.
 */
final class MemorySelector extends AbstractSelector {
  /*
   * Locks, outermost first: this, selectedKeys, network.lock. What the superclasses lock in a channel is never asked for with
   * network.lock held.
   */
  private static final int FOR_EVER = -1;

  private final MemoryNetwork network;
  private final Set<SelectionKey> keys = Collections.synchronizedSet(new LinkedHashSet<>());
  private final Set<SelectionKey> publicKeys = Collections.unmodifiableSet(keys);
  private final Set<SelectionKey> selected = new LinkedHashSet<>();
  private final Set<SelectionKey> publicSelected = new Shrinking<>(selected);

  // guarded by this
  private boolean selecting;

  // guarded by keys
  private long registrations;

  // guarded by network.lock
  private boolean wokenUp;
  private boolean spins;

  MemorySelector(MemoryNetwork network) {
    super(network);
    this.network = network;
  }

  private void ensureOpen() {
    if (!isOpen()) {
      throw new ClosedSelectorException();
    }
  }

  @Override
  public Set<SelectionKey> keys() {
    ensureOpen();
    return publicKeys;
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    ensureOpen();
    return publicSelected;
  }

  @Override
  protected SelectionKey register(
      AbstractSelectableChannel channel, int operations, @Nullable Object attachment) {
    if (!(channel instanceof MemoryChannel memory) || memory.link().network != network) {
      throw new IllegalSelectorException();
    }
    ensureOpen();
    MemorySelectionKey key;
    synchronized (keys) {
      key = new MemorySelectionKey(this, channel, registrations++);
      keys.add(key);
    }
    key.attach(attachment);
    key.interestOps(operations);
    return key;
  }

  // ---- selecting

  @Override
  public int selectNow() throws IOException {
    return doSelect(null, 0);
  }

  @Override
  public int select() throws IOException {
    return doSelect(null, FOR_EVER);
  }

  @Override
  public int select(long timeout) throws IOException {
    return doSelect(null, millis(timeout));
  }

  @Override
  public int selectNow(Consumer<SelectionKey> action) throws IOException {
    return doSelect(Objects.requireNonNull(action), 0);
  }

  @Override
  public int select(Consumer<SelectionKey> action) throws IOException {
    return doSelect(Objects.requireNonNull(action), FOR_EVER);
  }

  @Override
  public int select(Consumer<SelectionKey> action, long timeout) throws IOException {
    return doSelect(Objects.requireNonNull(action), millis(timeout));
  }

  private static long millis(long timeout) {
    if (timeout < 0) {
      throw new IllegalArgumentException("Negative timeout");
    }
    return timeout == 0 ? FOR_EVER : timeout;
  }

  private int doSelect(@Nullable Consumer<SelectionKey> action, long timeout) {
    synchronized (this) {
      ensureOpen();
      if (selecting) {
        throw new IllegalStateException("select in progress");
      }
      selecting = true;
      try {
        synchronized (publicSelected) {
          flushCancelled();
          List<MemorySelectionKey> ready = await(timeout);
          flushCancelled();
          ensureOpen();
          return deliver(ready, action);
        }
      } finally {
        selecting = false;
      }
    }
  }

  private List<MemorySelectionKey> await(long timeout) {
    boolean waits = timeout != 0;
    if (waits) {
      begin(); // an interrupt wakes up
    }
    try {
      synchronized (network.lock) {
        long end =
            timeout > 0 ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout) : FOR_EVER;
        List<MemorySelectionKey> ready = findReady();
        while (waits && ready.isEmpty() && !wokenUp && !spins && isOpen()) {
          long left = timeout > 0 ? end - System.nanoTime() : EventLoop.NEVER;
          if (left <= 0 || !waitForChange(Math.min(left, network.timeToNextEvent()))) {
            break;
          }
          ready = findReady();
        }
        wokenUp = false;
        return ready;
      }
    } finally {
      if (waits) {
        end();
      }
    }
  }

  /** Waits until something changes in the network, or the time is up; false if interrupted. */
  @SuppressWarnings("WaitNotInLoop") // the caller loops
  private boolean waitForChange(long nanos) {
    try {
      // Rounded up: 0 would be without limit.
      network.lock.wait(nanos == EventLoop.NEVER ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Those that are ready, in order. */
  private List<MemorySelectionKey> findReady() {
    network.runDue();
    spins = false;
    List<MemorySelectionKey> ready = new ArrayList<>();
    synchronized (keys) {
      for (SelectionKey key : keys) {
        MemorySelectionKey ours = (MemorySelectionKey) key;
        Link link = ours.memoryChannel().link();
        if (ours.memoryChannel().readyOps(ours.currentInterest()) != 0) {
          link.touch();
          ready.add(ours);
        } else {
          link.readySince = 0;
          if (ours.memoryChannel().spins(ours.currentInterest())) {
            spins = true;
          }
        }
      }
    }
    ready.sort(Comparator.comparingLong(key -> key.memoryChannel().link().readySince));
    Orders orders = network.orders();
    return orders == null ? ready : orders.choose(ready);
  }

  private int deliver(List<MemorySelectionKey> ready, @Nullable Consumer<SelectionKey> action) {
    int count = 0;
    for (MemorySelectionKey key : ready) {
      int operations;
      synchronized (network.lock) {
        operations = key.memoryChannel().readyOps(key.currentInterest());
      }
      if (operations == 0) {
        continue; // closed while an earlier one was told
      }
      if (action != null) {
        key.setReady(operations);
        action.accept(key);
        ensureOpen();
        count++;
      } else if (selected.add(key)) {
        key.setReady(operations);
        count++;
      } else {
        int before = key.currentReady();
        key.setReady(before | operations);
        count += (operations & ~before) != 0 ? 1 : 0;
      }
    }
    return count;
  }

  @Override
  public Selector wakeup() {
    synchronized (network.lock) {
      wokenUp = true;
      network.lock.notifyAll();
    }
    return this;
  }

  // ---- leaving

  private void flushCancelled() {
    List<SelectionKey> cancelled;
    Set<SelectionKey> queue = cancelledKeys();
    synchronized (queue) {
      if (queue.isEmpty()) {
        return;
      }
      cancelled = new ArrayList<>(queue);
      queue.clear();
    }
    cancelled.sort(Comparator.comparingLong(key -> ((MemorySelectionKey) key).number));
    cancelled.forEach(this::remove);
  }

  private void remove(SelectionKey key) {
    selected.remove(key);
    keys.remove(key);
    deregister((AbstractSelectionKey) key);
    SelectableChannel channel = key.channel();
    if (!channel.isOpen() && !channel.isRegistered()) {
      ((MemoryChannel) channel).kill();
    }
  }

  @Override
  protected void implCloseSelector() {
    wakeup();
    synchronized (this) {
      synchronized (publicSelected) {
        List<SelectionKey> all;
        synchronized (keys) {
          all = List.copyOf(keys);
        }
        all.forEach(this::remove);
      }
    }
  }

  /** A set that others may take from, but not add to. */
  private static final class Shrinking<E> extends AbstractSet<E> {
    private final Set<E> elements;

    Shrinking(Set<E> elements) {
      this.elements = elements;
    }

    @Override
    public int size() {
      return elements.size();
    }

    @Override
    public Iterator<E> iterator() {
      return elements.iterator();
    }

    @Override
    public boolean contains(Object element) {
      return elements.contains(element);
    }

    @Override
    public boolean remove(Object element) {
      return elements.remove(element);
    }

    @Override
    public void clear() {
      elements.clear();
    }
  }
}
