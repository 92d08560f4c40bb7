package asyncio.testkit;

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;

/** A channel's place in a selector. */
final class MemorySelectionKey extends AbstractSelectionKey {
  private final MemorySelector selector;
  private final SelectableChannel channel;

  /** The place among the selector's keys. */
  final long number;

  /** In how many polls running it was held back; see {@link Orders}. */
  int held;

  private volatile int interest;
  private volatile int ready;

  MemorySelectionKey(MemorySelector selector, SelectableChannel channel, long number) {
    this.selector = selector;
    this.channel = channel;
    this.number = number;
  }

  @Override
  public SelectableChannel channel() {
    return channel;
  }

  @Override
  public Selector selector() {
    return selector;
  }

  MemoryChannel memoryChannel() {
    return (MemoryChannel) channel;
  }

  @Override
  public int interestOps() {
    ensureValid();
    return interest;
  }

  @Override
  public SelectionKey interestOps(int operations) {
    ensureValid();
    if ((operations & ~channel.validOps()) != 0) {
      throw new IllegalArgumentException(); // this is what the JDK throws
    }
    interest = operations;
    return this;
  }

  @Override
  public int readyOps() {
    ensureValid();
    return ready;
  }

  private void ensureValid() {
    if (!isValid()) {
      throw new CancelledKeyException();
    }
  }

  // ---- for the selector, valid or not

  int currentInterest() {
    return interest;
  }

  int currentReady() {
    return ready;
  }

  void setReady(int operations) {
    ready = operations;
  }
}
