package asyncio.internal.net;

import asyncio.internal.loop.IoHost;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Joins the small writes of one iteration, so that they leave in one call of the operating system.
 *
 * <p>One for each loop, lent to one transport at a time: another one that asks has the bytes of the
 * former sent first. What is in it leaves at the end of the iteration at the latest.
 */
final class WriteBatch implements Runnable {
  private static final int CAPACITY = 64 * 1024;

  private final IoHost host;
  private @Nullable ByteBuffer buffer;
  private @Nullable ChannelTransport owner;

  WriteBatch(IoHost host) {
    this.host = host;
  }

  boolean isOf(ChannelTransport transport) {
    return owner == transport;
  }

  /**
   * Takes the bytes of {@code data}, unless that would make more than {@code limit}.
   *
   * @return whether they were taken
   */
  boolean take(ChannelTransport transport, ByteBuffer data, int limit) {
    ByteBuffer bytes = buffer;
    if (bytes == null) {
      bytes = ByteBuffer.allocateDirect(CAPACITY);
      buffer = bytes;
    }
    while (owner != null && owner != transport) {
      run();
    }
    int count = data.remaining();
    if (bytes.position() + count > Math.min(limit, CAPACITY)) {
      return false;
    }
    if (owner == null) {
      owner = transport;
      host.atEndOfIteration(this);
    }
    bytes.put(data);
    return true;
  }

  /** Takes as many of the first bytes of {@code data} as there is room for; of the owner's. */
  void fill(ByteBuffer data) {
    ByteBuffer bytes = buffer;
    if (bytes != null) {
      int count = Math.min(data.remaining(), bytes.remaining());
      bytes.put(bytes.position(), data, data.position(), count);
      bytes.position(bytes.position() + count);
      data.position(data.position() + count);
    }
  }

  /** Has what was taken sent. */
  @Override
  public void run() {
    ChannelTransport sender = owner;
    ByteBuffer bytes = buffer;
    if (sender != null && bytes != null) {
      Throwable failure;
      try {
        failure = sender.sendBatch(bytes.flip());
      } finally {
        bytes.clear();
        owner = null;
      }
      if (failure != null) {
        sender.failWrite(failure); // may call others, who write
      }
    }
  }
}
