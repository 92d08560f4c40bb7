package asyncio.internal.net;

import asyncio.AbstractEventLoop;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.internal.loop.MeteredTransport;
import asyncio.internal.loop.Traffic;
import asyncio.net.BaseProtocol;
import asyncio.net.BrokenPipeException;
import asyncio.net.BufferedProtocol;
import asyncio.net.ConnectionResetException;
import asyncio.net.Protocol;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.SelectableChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A transport on a selectable channel: reads when the channel is readable, writes at once or when
 * it is writable, and tells one protocol (spec TR, PROTO, FLOW).
 *
 * <p><b>Threading:</b> loop-confined.
 */
abstract class ChannelTransport extends FlowControlledTransport
    implements Transport, MeteredTransport, IoPoller.Listener, Runnable {
  /*
   *            connectionMade
   *   NEW ────────────────────▶ OPEN ──close()──▶ CLOSING ──all is sent──▶ LOST ──▶ ENDED
   *    │                         │                   │                      ▲   connectionLost ran,
   *    │ abort(), close()        └─ abort(), error ──┴── abort(), error ────┤   the channel is closed
   *    └────────────────────────────────────────────────────────────────────┘
   *
   * `closing` is set on leaving OPEN; `lost` on reaching LOST, when the call of connectionLost is scheduled (or, after the
   * last bytes of a closing transport, made at once); `protocol` is null in ENDED.
   *
   * While OPEN the two directions are independent:
   *
   *   reading:  on ◀──▶ paused;    ended after an end-of-file that the protocol wants to outlive
   *   writing:  on ──writeEof()──▶ ended, as soon as all is sent
   *
   * Bytes that are written go, in this order, to the kernel; to the loop's WriteBatch, if this transport has written in
   * this iteration before, or several times when it wrote last; to `queue`. If `queue` is not empty, the batch is not
   * ours.
   */
  private static final int LOST_WRITES_TO_WARN = 5;

  /**
   * How much is read at once until that much has come; after a read of less it is the limit again.
   */
  private static final int READ_AT_FIRST = 64 * 1024;

  private static final int SENDS_IN_A_ROW = 4;

  /** How the protocol wants its bytes. */
  private enum Style {
    PIECES,
    OWN_BUFFER,
    LOOP_BUFFER
  }

  private final Network network;
  final Traffic traffic;
  final Object context;
  private final Channel channel;
  private final IoPoller.Registration registration;
  private final IoHost.IoCallback reader;
  private IoHost.@Nullable IoCallback writer;
  private @Nullable StreamProtocol protocol;
  private Style style = Style.PIECES;

  private boolean started;
  private boolean closing;
  private boolean lost;
  private boolean readingPaused;
  private boolean readingEnded;
  private boolean eofWritten;
  private boolean readsMuch;
  private boolean wantsWritable;
  private int writesAfterLoss;
  private boolean writesOften;
  private long lastWrite;
  private @Nullable WriteQueue queue;
  private @Nullable Future<@Nullable Void> emptyWaiter;
  private @Nullable Future<@Nullable Void> writableWaiter;

  /**
   * Takes over a channel, which is in non-blocking mode.
   *
   * @throws IOException if the channel is closed
   * @throws IllegalStateException if another transport, or callbacks, have it
   */
  ChannelTransport(
      Network network, SelectableChannel channel, StreamProtocol protocol, Object context)
      throws IOException {
    this(network, channel, transport -> network.register(channel, transport), protocol, context);
  }

  /** Where the channel of a transport waits. */
  interface Place {
    IoPoller.Registration take(IoPoller.Listener transport) throws IOException;
  }

  /** Takes over a channel that need not wait in the loop's poller. */
  ChannelTransport(
      Network network, Channel channel, Place place, StreamProtocol protocol, Object context)
      throws IOException {
    super(network.host, WriteBufferLimits.DEFAULT);
    this.network = network;
    this.traffic = new Traffic(host.traffic());
    this.channel = channel;
    this.context = context;
    this.reader = host.callback(context, this);
    this.registration = place.take(this);
    takeProtocol(protocol);
    host.loop().resourceOpened(this);
  }

  /** Schedules the first three steps: connectionMade, the start of reading, {@code made} (TR-2). */
  final void start(@Nullable Runnable made) {
    host.callSoon(context, this::makeConnection);
    host.callSoon(context, this::startReading);
    if (made != null) {
      host.callSoon(context, made);
    }
  }

  /** Starts, and waits until the protocol was told; closes this if the caller is cancelled. */
  final void startAndWait() {
    Future<@Nullable Void> made =
        new NamedWait<>(host.loop(), WaitKind.SOCKET_CONNECT, "start of", this);
    start(() -> {
      if (!made.isDone()) {
        made.setResult(null);
      }
    });
    try {
      made.await();
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  private void makeConnection() {
    StreamProtocol told = protocol;
    if (told != null) {
      try {
        told.connectionMade(this);
      } catch (Throwable t) {
        throw Sneaky.rethrow(t); // reported by the loop as of a callback; the transport goes on
      }
    }
  }

  private void startReading() {
    started = true;
    updateInterest();
  }

  /** Gives the channel back, which stays open, before the protocol was told of it. */
  final void letGo() {
    closing = true;
    lost = true;
    protocol = null;
    registration.release();
    host.loop().resourceClosed(this);
  }

  // ---- what the channel does

  /** As {@link java.nio.channels.ReadableByteChannel#read}. */
  abstract int readChannel(ByteBuffer target) throws IOException;

  /** As {@link java.nio.channels.WritableByteChannel#write}. */
  abstract int writeChannel(ByteBuffer source) throws IOException;

  /** Ends the writing direction; all is sent. */
  abstract void endWriting() throws IOException;

  /** Whom it is connected with, for messages. */
  abstract String peer();

  /** The transport has ended; the channel is closed next. */
  void ended() {}

  // ---- information and protocol

  @Override
  public final boolean isClosing() {
    return closing;
  }

  @Override
  public final void setProtocol(BaseProtocol protocol) {
    if (!(Objects.requireNonNull(protocol, "protocol") instanceof StreamProtocol stream)) {
      throw new IllegalArgumentException(
          "protocol: " + protocol + " is no Protocol or BufferedProtocol; " + this + " needs one");
    }
    takeProtocol(stream);
  }

  private void takeProtocol(StreamProtocol taken) {
    protocol = taken;
    style =
        switch (taken) {
          case Sink _ -> Style.LOOP_BUFFER;
          case BufferedProtocol _ -> Style.OWN_BUFFER;
          case Protocol _ -> Style.PIECES;
        };
  }

  @Override
  public final @Nullable StreamProtocol getProtocol() {
    return protocol;
  }

  @Override
  final WriteBufferLimits defaultLimits() {
    return WriteBufferLimits.DEFAULT;
  }

  // ---- reading

  @Override
  public final boolean isReading() {
    return !closing && !readingPaused;
  }

  @Override
  public final void pauseReading() {
    host.checkOnLoop("pauseReading");
    if (!closing && !readingPaused) {
      readingPaused = true;
      reader.withdraw();
      updateInterest();
      host.logInDebugMode(Level.DEBUG, () -> this + " pauses reading");
    }
  }

  @Override
  public final void resumeReading() {
    host.checkOnLoop("resumeReading");
    if (!closing && readingPaused) {
      readingPaused = false;
      updateInterest();
      host.logInDebugMode(Level.DEBUG, () -> this + " resumes reading");
      if (protocol instanceof ReadingListener) {
        host.callSoon(context, this::tellResumed);
      }
    }
  }

  private void tellResumed() {
    if (isReading() && protocol instanceof ReadingListener told) {
      try {
        told.readingResumed();
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.data_received() call failed.");
      }
    }
  }

  private void updateInterest() {
    if (!lost) {
      boolean readable = started && !closing && !readingPaused && !readingEnded;
      registration.setInterest(
          (readable ? IoPoller.READ : 0) | (wantsWritable ? IoPoller.WRITE : 0));
    }
  }

  @Override
  public final void ready(int operations) {
    if ((operations & IoPoller.READ) != 0) {
      reader.queue();
    }
    if ((operations & IoPoller.WRITE) != 0 && writer != null) {
      writer.queue();
    }
  }

  /** Reads once: the turn of a channel that was found readable. */
  @Override
  public final void run() {
    StreamProtocol told = protocol;
    if (told == null || closing || readingPaused || readingEnded) {
      return;
    }
    if (style == Style.OWN_BUFFER) {
      readIntoProtocol((BufferedProtocol) told);
    } else {
      readIntoLoopBuffer(told);
    }
  }

  private void readIntoLoopBuffer(StreamProtocol told) {
    ByteBuffer buffer = host.readBuffer();
    if (!readsMuch) {
      buffer.limit(READ_AT_FIRST);
    }
    int count = read(buffer);
    if (count > 0) {
      readsMuch = count >= READ_AT_FIRST;
      buffer.flip();
      try {
        if (told instanceof Sink sink) {
          sink.received(buffer);
        } else {
          byte[] bytes = new byte[count];
          buffer.get(bytes);
          ((Protocol) told).dataReceived(ByteBuffer.wrap(bytes));
        }
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.data_received() call failed.");
      }
    }
  }

  private void readIntoProtocol(BufferedProtocol told) {
    ByteBuffer target;
    try {
      target = told.getBuffer(-1);
      checkBuffer(target);
    } catch (Throwable t) {
      fail(t, "Fatal error: protocol.get_buffer() call failed.");
      return;
    }
    if (closing) {
      return; // by getBuffer
    }
    int count;
    if (target.isDirect()) {
      count = read(target);
    } else {
      ByteBuffer buffer = host.readBuffer();
      buffer.limit(Math.min(buffer.capacity(), target.remaining()));
      count = read(buffer);
      if (count > 0) {
        target.put(buffer.flip());
      }
    }
    if (count > 0) {
      try {
        told.bufferUpdated(count);
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.buffer_updated() call failed.");
      }
    }
  }

  @SuppressWarnings("NullAway") // a protocol may return null all the same
  static void checkBuffer(ByteBuffer target) {
    if (target == null || !target.hasRemaining()) {
      throw new IllegalStateException(
          "get_buffer() returned an empty buffer: " + target + "; return one with room");
    }
    if (target.isReadOnly()) {
      throw new IllegalStateException(
          "get_buffer() returned a read-only buffer: " + target + "; return one to be filled");
    }
  }

  /** Reads, and sees to everything but data; more than 0 if there is some. */
  private int read(ByteBuffer target) {
    int count;
    try {
      count = readChannel(target);
    } catch (Throwable t) {
      fail(isOfConnection(t) ? readError(t) : t, "Fatal read error on " + kind() + " transport");
      return 0;
    }
    if (count < 0) {
      readEndOfFile();
    } else {
      traffic.addReceived(count);
    }
    return count;
  }

  /** What the protocol is told of an error that the operating system gave to a read. */
  Throwable readError(Throwable t) {
    return new ConnectionResetException("connection with " + peer() + " is broken: " + text(t), t);
  }

  private void readEndOfFile() {
    StreamProtocol told = protocol;
    readingEnded = true;
    updateInterest();
    host.logInDebugMode(Level.DEBUG, () -> this + " received the end of file");
    if (told == null) {
      return;
    }
    boolean keepOpen;
    try {
      keepOpen = told.eofReceived();
    } catch (Throwable t) {
      fail(t, "Fatal error: protocol.eof_received() call failed.");
      return;
    }
    if (!keepOpen || !staysOpenAfterEof()) {
      close();
    }
  }

  /** Whether the protocol may keep it open for writing. */
  boolean staysOpenAfterEof() {
    return true;
  }

  // ---- writing

  @Override
  public void write(ByteBuffer data) {
    Objects.requireNonNull(data, "data");
    checkMayWrite("write");
    if (!data.hasRemaining()) {
      return;
    }
    if (dropsWrites()) {
      noteDropped();
      data.position(data.limit());
      return;
    }
    if (triesAtOnce()) {
      sendOrKeep(data);
    } else {
      joinOrSend(data, highMark());
    }
    pauseIfFull();
  }

  @Override
  public final void writeLines(Iterable<ByteBuffer> pieces) {
    boolean isEmpty = true;
    for (ByteBuffer piece : pieces) {
      isEmpty &= !Objects.requireNonNull(piece, "piece").hasRemaining();
    }
    checkMayWrite("writelines");
    if (isEmpty) {
      return;
    }
    if (dropsWrites()) {
      noteDropped();
      pieces.forEach(piece -> piece.position(piece.limit()));
      return;
    }
    boolean atOnce = triesAtOnce();
    for (ByteBuffer piece : pieces) {
      joinOrSend(piece, atOnce ? Integer.MAX_VALUE : highMark());
    }
    if (atOnce) {
      flushBatch();
    }
    pauseIfFull(); // at the end: what the protocol writes then comes behind all pieces
  }

  /**
   * Whether a write is tried at once: the first of an iteration, unless this transport wrote
   * several times when it wrote last; then they will be several again, and one call does for all of
   * them.
   */
  private boolean triesAtOnce() {
    long iteration = host.iteration();
    if (lastWrite == iteration && iteration != 0) {
      writesOften = true;
      return false;
    }
    boolean joins = writesOften && iteration != 0;
    lastWrite = iteration;
    writesOften = false;
    return !joins;
  }

  private boolean dropsWrites() {
    return lost || (closing && dropsWritesWhileClosing());
  }

  /** Whether writes between close() and the end are dropped; a socket still sends them (TR-27). */
  boolean dropsWritesWhileClosing() {
    return false;
  }

  private void checkMayWrite(String method) {
    host.checkOnLoop(method);
    if (eofWritten) {
      throw new IllegalStateException("Cannot call " + method + "() after write_eof()");
    }
    if (emptyWaiter != null) {
      throw new IllegalStateException(
          "unable to " + method + "; sendfile is in progress on " + this + ": wait for its end");
    }
    FileRelay.checkMayWrite(protocol, method);
  }

  final void noteDropped() {
    if (++writesAfterLoss >= LOST_WRITES_TO_WARN) {
      host.log(
          Level.WARNING,
          "socket.send() raised exception: data for "
              + this
              + " is dropped, since the connection is lost",
          null);
    }
  }

  /** Has the bytes leave with others at the end of the iteration, unless they are too many. */
  private void joinOrSend(ByteBuffer data, int limit) {
    if (isKeeping() || !network.batch.take(this, data, limit)) {
      sendOrKeep(data);
    }
  }

  private boolean isKeeping() {
    return queue != null && !queue.isEmpty();
  }

  /** Sends what the kernel takes, behind what came before, and keeps the rest. */
  private void sendOrKeep(ByteBuffer data) {
    flushBatch(data);
    if (lost) {
      data.position(data.limit());
    } else if (isKeeping()) {
      Objects.requireNonNull(queue).add(data);
    } else if (data.hasRemaining()) {
      try {
        send(data);
      } catch (Throwable t) {
        data.position(data.limit());
        failWrite(t);
        return;
      }
      if (data.hasRemaining()) {
        keep(data);
      }
    }
  }

  private void send(ByteBuffer data) throws IOException {
    if (data.isDirect()) {
      int end = data.limit();
      int part;
      int sent;
      do {
        part = Math.min(end - data.position(), host.writeBuffer().capacity());
        data.limit(data.position() + part);
        try {
          sent = writeCounted(data);
        } finally {
          data.limit(end);
        }
      } while (sent == part && data.hasRemaining());
      return;
    }
    int part;
    int sent;
    do {
      ByteBuffer buffer = host.writeBuffer();
      part = Math.min(data.remaining(), buffer.capacity());
      buffer.put(0, data, data.position(), part).limit(part);
      sent = writeCounted(buffer);
      data.position(data.position() + sent);
    } while (sent == part && data.hasRemaining());
  }

  private int writeCounted(ByteBuffer data) throws IOException {
    int sent = writeChannel(data);
    traffic.addSent(sent);
    return sent;
  }

  private void keep(ByteBuffer data) {
    WriteQueue kept = queue;
    if (kept == null) {
      kept = new WriteQueue();
      queue = kept;
    }
    kept.add(data);
    setWantsWritable(true);
  }

  private void setWantsWritable(boolean wanted) {
    if (wantsWritable != wanted) {
      wantsWritable = wanted;
      if (wanted && writer == null) {
        writer = host.callback(context, this::sendQueue);
      } else if (!wanted && writer != null) {
        writer.withdraw();
      }
      updateInterest();
    }
  }

  /**
   * Sends the loop's batch, which was lent to this transport.
   *
   * @return what failed, for {@link #failWrite} when the batch can be lent again
   */
  final @Nullable Throwable sendBatch(ByteBuffer bytes) {
    if (lost) {
      return null;
    }
    try {
      writeCounted(bytes);
    } catch (Throwable t) {
      return t;
    }
    if (bytes.hasRemaining()) {
      keep(bytes); // no more than the high mark, or the caller looks at that
    }
    return null;
  }

  private void flushBatch() {
    if (network.batch.isOf(this)) {
      network.batch.run();
    }
  }

  /** As {@link #flushBatch()}, and fills it up with the first bytes of {@code data} before. */
  private void flushBatch(ByteBuffer data) {
    if (network.batch.isOf(this)) {
      network.batch.fill(data);
      network.batch.run();
    }
  }

  @Override
  final void settle() {
    flushBatch();
  }

  /** Sends of the queue what the kernel takes: the turn of a channel that was found writable. */
  private void sendQueue() {
    wakeWritableWaiter();
    WriteQueue kept = queue;
    if (lost || kept == null) {
      return;
    }
    for (int i = 0; i < SENDS_IN_A_ROW && !kept.isEmpty(); i++) {
      ByteBuffer buffer = host.writeBuffer();
      kept.peek(buffer);
      buffer.flip();
      try {
        kept.remove(writeCounted(buffer));
      } catch (Throwable t) {
        failWrite(t);
        return;
      }
      if (buffer.hasRemaining()) {
        break;
      }
    }
    resumeIfDrained(); // may write, close or abort
    if (!lost && kept.isEmpty()) {
      queueIsEmpty();
    }
  }

  private void queueIsEmpty() {
    flushBatch();
    if (lost || isKeeping()) {
      return;
    }
    queue = null;
    setWantsWritable(false);
    Future<@Nullable Void> waiter = emptyWaiter;
    if (waiter != null && !waiter.isDone()) {
      waiter.setResult(null);
    }
    if (closing) {
      lose();
      callConnectionLost(null);
    } else if (eofWritten) {
      endWritingOrFail();
    }
  }

  @Override
  public long getWriteBufferSize() {
    flushBatch();
    return bufferSize();
  }

  @Override
  final long bufferSize() {
    WriteQueue kept = queue; // any thread may ask, also while it goes
    return kept == null ? 0 : kept.size();
  }

  // ---- for metrics, on any thread

  @Override
  public @Nullable String localEnd() {
    return null;
  }

  @Override
  public final String otherEnd() {
    return peer();
  }

  @Override
  public final @Nullable BaseProtocol talksTo() {
    StreamProtocol told = protocol;
    return told instanceof TlsTransport.Below tls ? tls.above().getProtocol() : told;
  }

  @Override
  public final Traffic traffic() {
    return traffic;
  }

  @Override
  public final long keptBytes() {
    return bufferSize()
        + (protocol instanceof TlsTransport.Below tls ? tls.above().ownBufferSize() : 0);
  }

  @Override
  public final boolean hasPausedWriting() {
    return protocol instanceof TlsTransport.Below tls
        ? tls.above().isWritingPaused()
        : isWritingPaused();
  }

  // ---- the end of writing

  @Override
  public void writeEof() {
    host.checkOnLoop("writeEof");
    if (closing || eofWritten) {
      return;
    }
    eofWritten = true;
    flushBatch();
    if (!lost && !isKeeping()) {
      endWritingOrFail();
    }
  }

  private void endWritingOrFail() {
    try {
      endWriting();
    } catch (Throwable t) {
      failWrite(t);
    }
  }

  final void failWrite(Throwable t) {
    fail(
        isOfConnection(t)
            ? new BrokenPipeException("cannot send to " + peer() + ": " + text(t), t)
            : t,
        "Fatal write error on " + kind() + " transport");
  }

  /** Whether it says something about the connection, rather than about us. */
  private static boolean isOfConnection(Throwable t) {
    return (t instanceof IOException && !(t instanceof ClosedChannelException))
        || t instanceof NotYetConnectedException;
  }

  // ---- for those who send past the transport

  /**
   * Waits for what is kept to be sent, while {@link #write} is refused; {@link #releaseWriting}
   * ends that.
   *
   * @return done when nothing is kept
   */
  final Future<@Nullable Void> reserveWriting() {
    if (emptyWaiter != null) {
      throw new IllegalStateException("sendfile is in progress on " + this + ": wait for its end");
    }
    if (eofWritten) {
      throw new IllegalStateException("Cannot call sendfile() after write_eof()");
    }
    flushBatch();
    Future<@Nullable Void> waiter =
        new NamedWait<>(host.loop(), WaitKind.STREAM_DRAIN, "room in", this);
    emptyWaiter = waiter;
    if (!isKeeping()) {
      waiter.setResult(null);
    }
    return waiter;
  }

  final void releaseWriting() {
    emptyWaiter = null;
  }

  /**
   * Waits until the channel takes bytes, for the one who has reserved writing.
   *
   * @throws BrokenPipeException if the transport was closed, or has failed, meanwhile
   */
  @Suspends
  final void awaitWritable() throws IOException {
    Future<@Nullable Void> waiter =
        new NamedWait<>(host.loop(), WaitKind.STREAM_DRAIN, "room in", this);
    writableWaiter = waiter;
    setWantsWritable(true);
    try {
      waiter.await();
    } finally {
      writableWaiter = null;
      if (!lost) {
        setWantsWritable(false);
      }
    }
    if (closing) {
      throw new BrokenPipeException("cannot send to " + peer() + ": the transport was closed");
    }
  }

  private void wakeWritableWaiter() {
    Future<@Nullable Void> waiter = writableWaiter;
    if (waiter != null && !waiter.isDone()) {
      waiter.setResult(null);
    }
  }

  final SelectableChannel channel() {
    return (SelectableChannel) channel; // nothing is sent past a transport that has another kind
  }

  // ---- the end

  @Override
  public final void close() {
    host.checkOnLoop("close");
    if (closing) {
      return;
    }
    flushBatch();
    if (closing) {
      return; // the last bytes could not be sent
    }
    closing = true;
    reader.withdraw();
    if (isKeeping()) {
      updateInterest();
    } else {
      loseSoon(null);
    }
  }

  @Override
  public final void abort() {
    host.checkOnLoop("abort");
    forceClose(null);
  }

  /**
   * Ends the transport because of {@code t}, which is reported unless it is an error of the
   * operating system's (PROTO-11).
   */
  final void fail(Throwable t, String message) {
    if (host.isExit(t)) {
      throw Sneaky.rethrow(t);
    }
    if (!(t instanceof IOException) || reportsIoErrors()) {
      report(message, t, protocol);
    } else if (host.loop().isDebug()) {
      host.log(Level.DEBUG, this + ": " + message, t);
    }
    forceClose(t);
  }

  /** Whether errors of the operating system are reported too (PIPE-3). */
  boolean reportsIoErrors() {
    return false;
  }

  private void forceClose(@Nullable Throwable t) {
    flushBatch(); // only what was written before and does not fit is dropped
    if (lost) {
      return;
    }
    if (queue != null) {
      queue.clear();
    }
    closing = true;
    reader.withdraw();
    loseSoon(t);
  }

  private void loseSoon(@Nullable Throwable t) {
    lose();
    host.callSoon(context, () -> callConnectionLost(t));
  }

  private void lose() {
    lost = true;
    wantsWritable = false;
    registration.setInterest(0);
    wakeWritableWaiter();
  }

  private void callConnectionLost(@Nullable Throwable t) {
    StreamProtocol told = protocol;
    try {
      if (told != null) {
        told.connectionLost(t);
      }
    } catch (Throwable thrown) {
      throw Sneaky.rethrow(thrown); // reported by the loop as of a callback
    } finally {
      registration.release();
      closeChannel();
      protocol = null;
      Future<@Nullable Void> waiter = emptyWaiter;
      if (waiter != null && !waiter.isDone()) {
        waiter.setException(
            new ConnectionResetException("Connection is closed by peer: " + peer(), t));
      }
      host.loop().resourceClosed(this);
      ended();
    }
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      host.log(Level.DEBUG, this + ": closing the channel failed", e);
    }
  }

  /** The channel was closed by others: that is what reading and writing would meet. */
  @Override
  public final void closedBehind() {
    if (!lost) {
      fail(new ClosedChannelException(), "the channel was closed by others");
    }
  }

  /** The loop was closed: nobody will be told any more, and nothing may stay open. */
  @Override
  public final void loopClosed() {
    closing = true;
    lost = true;
    protocol = null;
    closeChannel();
  }

  private static String text(Throwable t) {
    return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
  }

  @Override
  public String toString() {
    AbstractEventLoop loop = host.loop();
    String state =
        protocol == null ? " closed" : closing ? " closing" : readingPaused ? " paused" : "";
    return "<"
        + getClass().getSimpleName()
        + state
        + (loop.isClosed() ? "" : " " + peer())
        + " write buffer "
        + bufferSize()
        + ">";
  }
}
