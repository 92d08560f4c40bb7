package asyncio.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.util.Objects;

/** A pipe in memory. */
final class MemoryPipe extends Pipe {
  private static final int CAPACITY = 65536;

  private final MemoryNetwork network;
  private final Source source;
  private final Sink sink;

  // guarded by network.lock
  private final byte[] ring = new byte[CAPACITY];
  private int head;
  private int size;
  private boolean sourceClosed;
  private boolean sinkClosed;

  MemoryPipe(MemoryNetwork network) {
    this.network = network;
    this.source = new Source(this);
    this.sink = new Sink(this);
    network.opened(source);
    network.opened(sink);
  }

  @Override
  public SourceChannel source() {
    return source;
  }

  @Override
  public SinkChannel sink() {
    return sink;
  }

  private int take(ByteBuffer target, int max) {
    int count = Math.min(Math.min(target.remaining(), max), size);
    int first = Math.min(count, CAPACITY - head);
    target.put(ring, head, first).put(ring, 0, count - first);
    head = (head + count) % CAPACITY;
    size -= count;
    return count;
  }

  private int put(ByteBuffer bytes, int max) {
    int count = Math.min(Math.min(bytes.remaining(), max), CAPACITY - size);
    int tail = (head + size) % CAPACITY;
    int first = Math.min(count, CAPACITY - tail);
    bytes.get(ring, tail, first).get(ring, 0, count - first);
    size += count;
    return count;
  }

  /** The end to read from. */
  static final class Source extends SourceChannel implements MemoryChannel {
    private final MemoryPipe pipe;
    private final MemoryNetwork network;
    private final Link link;

    private Source(MemoryPipe pipe) {
      super(pipe.network);
      this.pipe = pipe;
      this.network = pipe.network;
      this.link = new Link(network);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      Objects.requireNonNull(target);
      return (int) read(new ByteBuffer[] {target}, 0, 1);
    }

    @Override
    public long read(ByteBuffer[] targets) throws IOException {
      return read(targets, 0, targets.length);
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, targets.length);
      synchronized (network.lock) {
        if (!isOpen()) {
          throw new ClosedChannelException();
        }
        int left = link.maxBytes();
        long total = 0;
        boolean anyRoom = false;
        for (int i = offset; i < offset + length; i++) {
          if (targets[i].isReadOnly()) {
            throw new IllegalArgumentException("Read-only buffer");
          }
          anyRoom |= targets[i].hasRemaining();
          int count = pipe.take(targets[i], left);
          total += count;
          left -= count;
        }
        if (total > 0) {
          pipe.sink.link.touch();
          network.changed();
          return total;
        }
        if (!anyRoom) {
          return 0;
        }
        if (pipe.sinkClosed) {
          return -1;
        }
        if (isBlocking()) {
          throw MemoryNetwork.wouldBlock("read");
        }
        return 0;
      }
    }

    @Override
    public Link link() {
      return link;
    }

    @Override
    public int readyOps(int interest) {
      return isOpen() && (pipe.size > 0 || pipe.sinkClosed) ? interest : 0;
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    protected void implCloseSelectableChannel() {
      if (!isRegistered()) {
        kill();
      }
    }

    @Override
    public void kill() {
      synchronized (network.lock) {
        if (!pipe.sourceClosed) {
          pipe.sourceClosed = true;
          pipe.sink.link.touch();
          network.released(this);
          network.changed();
        }
      }
    }

    @Override
    public String toString() {
      return "MemoryPipe.Source[" + (isOpen() ? "open" : "closed") + "]";
    }
  }

  /** The end to write to. */
  static final class Sink extends SinkChannel implements MemoryChannel {
    private final MemoryPipe pipe;
    private final MemoryNetwork network;
    private final Link link;

    private Sink(MemoryPipe pipe) {
      super(pipe.network);
      this.pipe = pipe;
      this.network = pipe.network;
      this.link = new Link(network);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      Objects.requireNonNull(source);
      return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
      return write(sources, 0, sources.length);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, sources.length);
      synchronized (network.lock) {
        if (!isOpen()) {
          throw new ClosedChannelException();
        }
        int left = link.writesBlocked() ? 0 : link.maxBytes();
        long total = 0;
        boolean any = false;
        for (int i = offset; i < offset + length; i++) {
          if (sources[i].hasRemaining()) {
            any = true;
            if (pipe.sourceClosed) {
              throw new IOException("Broken pipe");
            }
            int count = pipe.put(sources[i], left);
            total += count;
            left -= count;
          }
        }
        if (any && total == 0 && isBlocking()) {
          throw MemoryNetwork.wouldBlock("write");
        }
        if (total > 0) {
          pipe.source.link.touch();
          network.changed();
        }
        return total;
      }
    }

    @Override
    public Link link() {
      return link;
    }

    @Override
    public int readyOps(int interest) {
      boolean hasRoom = pipe.size < CAPACITY && !link.writesBlocked();
      return isOpen() && (hasRoom || pipe.sourceClosed) ? interest : 0;
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    protected void implCloseSelectableChannel() {
      if (!isRegistered()) {
        kill();
      }
    }

    @Override
    public void kill() {
      synchronized (network.lock) {
        if (!pipe.sinkClosed) {
          pipe.sinkClosed = true;
          pipe.source.link.touch();
          network.released(this);
          network.changed();
        }
      }
    }

    @Override
    public String toString() {
      return "MemoryPipe.Sink[" + (isOpen() ? "open" : "closed") + "]";
    }
  }
}
