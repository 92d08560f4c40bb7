package asyncio.internal.net;

import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel whose reads block, made to look like one that can be polled: a daemon thread reads, on
 * demand, and the loop is told when there is something.
 *
 * <p>{@link #read} never blocks; it gives what the thread has read.
 *
 * <p><b>Threading:</b> loop-confined, but for what says otherwise.
 */
final class ThreadedSource implements ReadableByteChannel, IoPoller.Registration {
  /*
   *   IDLE ──demand()──▶ the thread reads into `chunk` ──arrived()──▶ HOLDING ──all is taken──▶ IDLE
   *
   * The chunk belongs to the loop, but for the time from demand(), when `turn` becomes READING, until the thread sets it
   * back. close() that comes first makes it ABANDONED: then the thread sees to what it has read, or close() does.
   *
   * Nothing is read ahead that nobody has asked for, so what a program leaves in a pipe stays there for others.
   */
  private static final int MINE = 0;
  private static final int READING = 1;
  private static final int ABANDONED = 2;

  private static final Logger LOGGER = System.getLogger("asyncio");
  private static final int CHUNK = 64 * 1024;

  /** A channel that can take back what was read and not used. Thread-safe. */
  interface Returning extends ReadableByteChannel {
    /**
     * As {@link #read}, and then asks {@code wanted}; if that says no, keeps the bytes for the next
     * reader and throws. No other read comes between.
     */
    int read(ByteBuffer target, BooleanSupplier wanted) throws IOException;

    void unread(ByteBuffer bytes);
  }

  private final Network network;
  private final IoHost host;
  private final ReadableByteChannel channel;
  private final IoHost.IoCallback next;

  // the thread's and the loop's in turn
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
  private final Semaphore demand = new Semaphore(0);
  private final AtomicInteger turn = new AtomicInteger(MINE);

  // loop thread only
  private IoPoller.@Nullable Listener listener;
  private int interest;
  private boolean threadStarted;
  private boolean reading;
  private boolean ended;
  private @Nullable IOException failure;

  // shared
  private volatile boolean closed;

  ThreadedSource(Network network, ReadableByteChannel channel) {
    this.network = network;
    this.host = network.host;
    this.channel = channel;
    this.next = host.callback(host.captureContext(), this::goOn);
    chunk.flip();
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
    interest = operations & IoPoller.READ;
    next.queue();
  }

  @Override
  public void release() {
    interest = 0;
    network.removeUnpolled(listener());
  }

  /** Has the transport told what is there, or sees to it that something comes. */
  private void goOn() {
    if (interest == 0 || closed || reading) {
      return;
    }
    if (chunk.hasRemaining() || ended || failure != null) {
      listener().ready(IoPoller.READ);
    } else {
      demand();
    }
  }

  // ---- reading

  private void demand() {
    reading = true;
    turn.set(READING);
    if (!threadStarted) {
      threadStarted = true;
      PipeThreads.start(this::serve);
    }
    demand.release();
  }

  /** The thread. */
  private void serve() {
    for (boolean goOn = true; goOn && !closed; ) {
      demand.acquireUninterruptibly();
      if (closed) {
        return;
      }
      int count;
      IOException thrown = null;
      try {
        count = readChunk();
      } catch (IOException e) {
        count = giveUp();
        thrown = e;
      } catch (RuntimeException | Error e) {
        count = giveUp();
        thrown = new IOException("reading " + channel + " failed", e);
      }
      goOn = count >= 0;
      boolean end = !goOn;
      IOException failed = thrown;
      host.callFromAnywhere(() -> arrived(end, failed), () -> {});
    }
  }

  private int readChunk() throws IOException {
    if (channel instanceof Returning returning) {
      return returning.read(chunk.clear(), this::giveTurnBack);
    }
    int count = channel.read(chunk.clear());
    giveTurnBack();
    return count;
  }

  private int giveUp() {
    chunk.clear();
    giveTurnBack();
    return -1;
  }

  /** The loop's again, with what was read; false if it was closed meanwhile. */
  private boolean giveTurnBack() {
    chunk.flip();
    return turn.compareAndSet(READING, MINE);
  }

  private void arrived(boolean end, @Nullable IOException failed) {
    reading = false;
    if (closed) {
      return;
    }
    failure = failed;
    ended = end && failed == null;
    goOn();
  }

  /** Gives what is there: more than 0, 0 if nothing is there now, -1 at the end. */
  @Override
  public int read(ByteBuffer target) throws IOException {
    if (failure != null) {
      throw failure;
    }
    int count = Math.min(chunk.remaining(), target.remaining());
    if (reading || count == 0) {
      return ended ? -1 : 0;
    }
    target.put(target.position(), chunk, chunk.position(), count);
    target.position(target.position() + count);
    chunk.position(chunk.position() + count);
    next.queue(); // not at once: the protocol may pause when it sees these bytes
    return count;
  }

  // ---- the end

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    if (!turn.compareAndSet(READING, ABANDONED)
        && channel instanceof Returning returning
        && chunk.hasRemaining()) {
      returning.unread(chunk);
    }
    demand.release();
    closeChannel();
  }

  /** Ends a read that goes on, where the channel can. */
  private void closeChannel() throws IOException {
    try {
      channel.close();
    } catch (AsynchronousCloseException e) {
      LOGGER.log(Level.DEBUG, "closed by others: " + channel, e);
    }
  }

  @Override
  public String toString() {
    return String.valueOf(channel);
  }
}
