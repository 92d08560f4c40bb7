package asyncio.internal.net;

import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose writes block, made to look like one that can be polled: a daemon thread writes.
 *
 * <p><b>Order:</b> {@link #write} gives the thread a copy of the first bytes and says that none was
 * taken; when the thread has written them, the loop is told that the channel is writable, and the
 * next {@code write}, which begins with the same bytes, says that so many were. So a transport
 * counts bytes as sent when they are, and neither its flow control nor its {@code close} knows of a
 * thread.
 *
 * <p><b>Threading:</b> loop-confined, but for what says otherwise.
 */
final class ThreadedSink implements WritableByteChannel, IoPoller.Registration {
  private static final int CHUNK = 64 * 1024;

  private final Network network;
  private final IoHost host;
  private final WritableByteChannel channel;
  private final IoHost.IoCallback announcement;

  // the thread's and the loop's in turn: the thread's while `writing`
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
  private final Semaphore supply = new Semaphore(0);

  // loop thread only
  private IoPoller.@Nullable Listener listener;
  private int interest;
  private boolean threadStarted;
  private boolean writing;

  /** How many bytes the thread has written that no call of {@link #write} was told of. */
  private int written;

  private @Nullable IOException failure;

  // shared
  private volatile boolean closed;

  ThreadedSink(Network network, WritableByteChannel channel) {
    this.network = network;
    this.host = network.host;
    this.channel = channel;
    this.announcement = host.callback(host.captureContext(), this::announce);
  }

  IoPoller.Registration place(IoPoller.Listener transport) {
    listener = transport;
    network.addUnpolled(transport);
    return this;
  }

  // ---- readiness

  @Override
  public IoPoller.Listener listener() {
    if (listener == null) {
      throw new AssertionError("has no transport yet");
    }
    return listener;
  }

  @Override
  public void setInterest(int operations) {
    interest = operations & IoPoller.WRITE;
    announceIfIdle();
  }

  @Override
  public void release() {
    interest = 0;
    network.removeUnpolled(listener());
  }

  private void announceIfIdle() {
    if (interest != 0 && !writing && !closed) {
      announcement.queue();
    }
  }

  private void announce() {
    if (interest != 0) {
      listener().ready(IoPoller.WRITE);
    }
  }

  // ---- writing

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (failure != null) {
      throw failure;
    }
    if (writing) {
      return 0;
    }
    if (written > 0) {
      int count = written;
      written = 0;
      source.position(source.position() + count);
      announceIfIdle();
      return count;
    }
    int count = Math.min(source.remaining(), CHUNK);
    chunk.clear().put(0, source, source.position(), count).limit(count);
    writing = true;
    if (!threadStarted) {
      threadStarted = true;
      PipeThreads.start(this::serve);
    }
    supply.release();
    return 0;
  }

  /** The thread. */
  private void serve() {
    for (boolean goOn = true; goOn && !closed; ) {
      supply.acquireUninterruptibly();
      if (closed) {
        return;
      }
      IOException thrown = null;
      try {
        while (chunk.hasRemaining()) {
          channel.write(chunk);
        }
      } catch (IOException e) {
        thrown = e;
      } catch (RuntimeException | Error e) {
        thrown = new IOException("writing to " + channel + " failed", e);
      }
      goOn = thrown == null;
      IOException failed = thrown;
      host.callFromAnywhere(() -> isWritten(failed), () -> {});
    }
  }

  private void isWritten(@Nullable IOException failed) {
    writing = false;
    failure = failed;
    written = chunk.position();
    announceIfIdle();
  }

  // ---- the end

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      supply.release();
      channel.close();
    }
  }

  @Override
  public String toString() {
    return String.valueOf(channel);
  }
}
