package asyncio.internal.net;

import asyncio.Future;
import asyncio.TimeoutException;
import asyncio.TimerHandle;
import asyncio.net.BaseProtocol;
import asyncio.net.BufferedProtocol;
import asyncio.net.ConnectionAbortedException;
import asyncio.net.ConnectionResetException;
import asyncio.net.Protocol;
import asyncio.net.StreamProtocol;
import asyncio.net.TlsCipher;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * TLS on top of another stream transport: a transport for the application's protocol, and the
 * protocol of the transport below (spec TLS).
 *
 * <p><b>Threading:</b> loop-confined; the engine's long tasks run in the loop's default executor.
 */
final class TlsTransport extends FlowControlledTransport implements Transport {
  /*
   *                    handshake done                close(), peer's close_notify, end-of-file
   *   NEW ─▶ HANDSHAKE ──────────────▶ OPEN ─────────────────────────────────────────▶ FLUSHING
   *              │                      │                                                 │ all is encrypted,
   *              │ failure, close(),    │ failure, abort()                                ▼ close_notify is sent
   *              │ time is up           │                                              SHUTDOWN
   *              ▼                      ▼                                                 │ peer's close_notify or
   *            LOST ◀───────────────────┴──────────────── time is up ─────────────────────┤ end-of-file: the transport
   *         the transport below is lost                                                   ▼ below is closed
   *                                                                                     LOST
   *
   * drive() is the only place that calls the engine; it is never nested. It takes what the engine asks for next, until
   * there is nothing to do: tasks (then it returns, and is called again when they have run), records to send, records
   * that are here. Encrypted input waits in `input`, plain output in `output`; decrypted input is handed on at once,
   * except what a BufferedProtocol had no room for when it paused, which waits in `held`.
   *
   * The bytes of write() are encrypted at the end of the iteration, so that many small writes share a record; no more is
   * encrypted while the transport below has paused this one.
   */
  private enum State {
    NEW,
    HANDSHAKE,
    OPEN,
    FLUSHING,
    SHUTDOWN,
    LOST
  }

  private static final Logger LOGGER = System.getLogger("asyncio");
  private static final WriteBufferLimits LIMITS = new WriteBufferLimits(128 * 1024, 512 * 1024);
  private static final int INPUT_HIGH = 256 * 1024;
  private static final int INPUT_LOW = 64 * 1024;
  private static final int FULL_RECORD = 16 * 1024;
  private static final int ENCRYPT_AT_ONCE = 64 * 1024;
  private static final int WARN_AFTER_LOST_WRITES = 5;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final TlsBuffers buffers;
  private final TlsSetup setup;
  private final Object context;
  private final SSLEngine engine;
  private final Below below = new Below();
  private final TlsInput input;
  private final WriteQueue output = new WriteQueue();

  /** Completed when the handshake has ended, with its failure if it failed. */
  private final Future<@Nullable Void> handshake;

  /** Whether the protocol is to be told of the connection, or knows it already (startTls). */
  private final boolean tellsConnectionMade;

  private State state = State.NEW;
  private @Nullable Transport lower;
  private @Nullable StreamProtocol protocol;
  private @Nullable TimerHandle timer;
  private @Nullable Throwable failure;
  private byte @Nullable [] held;
  private boolean told;
  private boolean tasksRun;
  private boolean driving;
  private boolean driveAgain;
  private boolean flushQueued;
  private boolean readingPaused;
  private boolean lowerReadingPaused;
  private boolean lowerFull;
  private boolean lowerAtEof;
  private boolean eofTold;
  private boolean closing;
  private boolean finished;
  private int writesAfterLoss;

  /**
   * Makes the upper end; the handshake begins when {@link #below} is told of its connection.
   *
   * @param tellsConnectionMade false if {@code protocol} has served the connection before
   */
  TlsTransport(
      Network network,
      TlsSetup setup,
      StreamProtocol protocol,
      Object context,
      boolean tellsConnectionMade) {
    super(network.host, LIMITS);
    this.buffers = network.tlsBuffers;
    this.setup = setup;
    this.protocol = protocol;
    this.context = context;
    this.tellsConnectionMade = tellsConnectionMade;
    this.input = new TlsInput(buffers.inputs);
    this.engine = setup.newEngine();
    this.handshake = host.loop().createFuture();
  }

  /** The protocol for the transport below. */
  Protocol below() {
    return below;
  }

  /** Done when the handshake is; fails as it does. */
  Future<@Nullable Void> handshake() {
    return handshake;
  }

  /** What the transport below calls. */
  final class Below implements Protocol, Sink {

    /** The transport above. */
    TlsTransport above() {
      return TlsTransport.this;
    }

    @Override
    public void connectionMade(Transport transport) {
      begin(transport);
    }

    @Override
    public void received(ByteBuffer loopBuffer) {
      take(loopBuffer);
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      take(data);
    }

    @Override
    public boolean eofReceived() {
      lowerAtEof = true;
      drive();
      return true; // closes by itself when all is done
    }

    @Override
    public void pauseWriting() {
      lowerFull = true;
    }

    @Override
    public void resumeWriting() {
      lowerFull = false;
      drive();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      lose(exception);
    }
  }

  // ---- handshake

  /** Takes encrypted bytes that arrived before this was there. */
  void takeEarly(ByteBuffer data) {
    if (data.hasRemaining()) {
      input.add(data);
    }
  }

  void begin(Transport transport) {
    lower = transport;
    limitsChanged();
    lowerFull = transport.getWriteBufferSize() > transport.getWriteBufferLimits().high();
    state = State.HANDSHAKE;
    timer = host.loop().callLater(setup.handshakeTimeout(), this::handshakeTimedOut);
    try {
      engine.beginHandshake();
    } catch (SSLException e) {
      fail(e, "SSL handshake failed");
      return;
    }
    drive();
  }

  private void handshakeTimedOut() {
    fail(
        new ConnectionAbortedException(
            "SSL handshake is taking longer than "
                + setup.handshakeTimeout().toMillis() / 1e3
                + " seconds: aborting the connection"),
        "SSL handshake timed out");
  }

  private void handshakeDone() {
    stopTimer();
    state = State.OPEN;
    StreamProtocol application = protocol;
    if (tellsConnectionMade && application != null) {
      told = true;
      try {
        application.connectionMade(this);
      } catch (Throwable t) {
        told = false; // it never had the connection
        fail(t, "protocol.connection_made() failed");
        return;
      }
    } else {
      told = true;
    }
    complete(handshake, null);
  }

  private static void complete(Future<@Nullable Void> future, @Nullable Throwable failure) {
    if (!future.isDone()) {
      if (failure == null) {
        future.setResult(null);
      } else {
        future.setException(failure);
      }
    }
  }

  // ---- the engine

  private void take(ByteBuffer data) {
    if (state == State.LOST || finished) {
      data.position(data.limit());
      return;
    }
    input.add(data);
    drive();
  }

  /** Does what can be done now. */
  private void drive() {
    if (driving) {
      driveAgain = true;
      return;
    }
    driving = true;
    try {
      do {
        driveAgain = false;
        run();
      } while (driveAgain);
    } catch (SSLException e) {
      failWithAlert(e);
    } finally {
      driving = false;
    }
    controlReading();
  }

  private void run() throws SSLException {
    while (!tasksRun && !finished && state != State.LOST && state != State.NEW) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          runTasks();
          return;
        }
        case NEED_WRAP -> {
          if (!wrapHandshake()) {
            checkEnd();
            return;
          }
        }
        default -> {
          if (!readRecords()) {
            writeRecords();
            checkEnd();
            if (!driveAgain) {
              return;
            }
            driveAgain = false;
          }
        }
      }
    }
  }

  private void runTasks() {
    tasksRun = true;
    host.loop()
        .runInExecutor(
            null,
            () -> {
              for (Runnable task = engine.getDelegatedTask();
                  task != null;
                  task = engine.getDelegatedTask()) {
                task.run();
              }
            })
        .addDoneCallback(done -> {
          tasksRun = false;
          Throwable thrown = done.isCancelled() ? null : done.exception();
          if (thrown != null) {
            fail(thrown, "Fatal error on SSL protocol");
          } else {
            drive();
          }
        });
  }

  /** Sends what the engine has to say itself; false if it has no more to say. */
  private boolean wrapHandshake() throws SSLException {
    ByteBuffer records = buffers.encrypted();
    SSLEngineResult result = engine.wrap(NOTHING, records);
    sendRecords(records);
    noteHandshakeStatus(result);
    return result.getStatus() == SSLEngineResult.Status.OK;
  }

  private void sendRecords(ByteBuffer records) {
    Transport transport = lower;
    if (records.position() > 0 && transport != null) {
      transport.write(records.flip());
    }
  }

  private void noteHandshakeStatus(SSLEngineResult result) {
    if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.FINISHED
        && state == State.HANDSHAKE) {
      handshakeDone();
    }
  }

  private boolean mayRead() {
    return state == State.HANDSHAKE
        || (state == State.OPEN && !readingPaused && held == null)
        || (state == State.FLUSHING && closing)
        || state == State.SHUTDOWN;
  }

  /**
   * Decrypts the records that are here and hands the bytes on.
   *
   * @return whether it did anything
   */
  private boolean readRecords() throws SSLException {
    if (!mayRead() || engine.isInboundDone()) {
      return false;
    }
    int largest = engine.getSession().getPacketBufferSize();
    if (!input.hasRecord(largest)) {
      return false;
    }
    ByteBuffer plain = buffers.takeDecrypted();
    try {
      boolean any = false;
      SSLEngineResult.HandshakeStatus asked;
      do {
        if (state == State.OPEN && input.startsWithAlert() && !isTls13()) {
          encryptAll(); // older protocols answer a close_notify at once and take no data after it
        }
        ByteBuffer record = input.record(largest);
        int before = record.position();
        SSLEngineResult result = engine.unwrap(record, plain);
        input.remove(record.position() - before);
        any |= result.bytesConsumed() > 0 || result.bytesProduced() > 0;
        asked = engine.getHandshakeStatus();
        if (state == State.HANDSHAKE) {
          noteHandshakeStatus(result);
        }
        if (result.getStatus() != SSLEngineResult.Status.OK) {
          break;
        }
      } while (plain.remaining() >= TlsBuffers.RECORD
          && asked == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
          && state != State.HANDSHAKE
          && mayRead()
          && input.hasRecord(largest));
      if (plain.position() > 0) {
        deliver(plain.flip());
      }
      return any;
    } finally {
      buffers.giveBack(plain);
    }
  }

  private boolean isTls13() {
    return engine.getSession().getProtocol().equals("TLSv1.3");
  }

  /** Hands decrypted bytes to the application, or drops them after close(). */
  private void deliver(ByteBuffer plain) {
    StreamProtocol application = protocol;
    if (state != State.OPEN || application == null) {
      return;
    }
    try {
      switch (application) {
        case Sink sink -> sink.received(plain);
        case Protocol pieces -> {
          byte[] bytes = new byte[plain.remaining()];
          plain.get(bytes);
          pieces.dataReceived(ByteBuffer.wrap(bytes));
        }
        case BufferedProtocol buffered -> deliverTo(buffered, plain);
      }
    } catch (Throwable t) {
      fail(t, "Fatal error: protocol.data_received() call failed.");
    }
  }

  private void deliverTo(BufferedProtocol application, ByteBuffer plain) throws Exception {
    while (plain.hasRemaining() && state == State.OPEN) {
      if (readingPaused) {
        byte[] rest = new byte[plain.remaining()];
        plain.get(rest);
        held = rest;
        return;
      }
      ByteBuffer target = application.getBuffer(plain.remaining());
      ChannelTransport.checkBuffer(target);
      int count = Math.min(target.remaining(), plain.remaining());
      target.put(plain.slice(plain.position(), count));
      plain.position(plain.position() + count);
      application.bufferUpdated(count);
    }
  }

  private void deliverHeld() {
    byte[] bytes = held;
    if (bytes != null && state == State.OPEN && !readingPaused) {
      held = null;
      deliver(ByteBuffer.wrap(bytes));
    }
  }

  /** Encrypts what was written, as far as the transport below takes it. */
  private void writeRecords() throws SSLException {
    while (state != State.HANDSHAKE && !output.isEmpty() && !lowerFull && !tasksRun) {
      if (!encryptSome()) {
        return;
      }
    }
    resumeIfDrained();
  }

  private void encryptAll() throws SSLException {
    while (!output.isEmpty() && encryptSome()) {}
  }

  /** Encrypts as much as the shared buffer holds; false if the engine takes nothing now. */
  private boolean encryptSome() throws SSLException {
    int largest = engine.getSession().getPacketBufferSize();
    ByteBuffer records = buffers.encrypted();
    boolean any = false;
    while (!output.isEmpty() && records.remaining() >= largest) {
      SSLEngineResult result = engine.wrap(output.views(FULL_RECORD), records);
      output.remove(result.bytesConsumed());
      any |= result.bytesProduced() > 0;
      if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
        output.clear(); // the peer has ended it
      }
      if (result.bytesConsumed() == 0) {
        break;
      }
    }
    sendRecords(records);
    return any;
  }

  // ---- the end in good order

  /** Goes on with whatever end has begun. */
  private void checkEnd() throws SSLException {
    if (state == State.HANDSHAKE) {
      if (lowerAtEof) {
        fail(
            new ConnectionResetException(
                "the peer closed the connection during the TLS handshake: " + lower),
            "SSL handshake failed");
      }
      return;
    }
    if (state == State.OPEN && held == null && !readingPaused) {
      if (engine.isInboundDone() || lowerAtEof) {
        endOfInput();
      }
    }
    if (state == State.FLUSHING && output.isEmpty()) {
      state = State.SHUTDOWN;
      engine.closeOutbound();
      driveAgain = true;
    } else if (state == State.SHUTDOWN
        && engine.isOutboundDone()
        && (engine.isInboundDone() || lowerAtEof)) {
      finish();
    }
  }

  private void endOfInput() {
    if (!engine.isInboundDone() && host.loop().isDebug()) {
      LOGGER.log(Level.DEBUG, "{0}: the peer closed the connection without a close_notify", this);
    }
    tellEndOfFile();
    if (state == State.OPEN) {
      beginClosing();
    }
  }

  private void tellEndOfFile() {
    StreamProtocol application = protocol;
    if (eofTold || application == null) {
      return;
    }
    eofTold = true;
    try {
      if (application.eofReceived()) {
        LOGGER.log(
            Level.WARNING, "returning true from eof_received() has no effect when using ssl");
      }
    } catch (Throwable t) {
      fail(t, "Fatal error: protocol.eof_received() call failed.");
    }
  }

  private void beginClosing() {
    closing = true;
    state = State.FLUSHING;
    held = null;
    timer = host.loop().callLater(setup.shutdownTimeout(), this::shutdownTimedOut);
    driveAgain = true;
  }

  private void shutdownTimedOut() {
    fail(
        new TimeoutException("SSL shutdown timed out after " + setup.shutdownTimeout(), null),
        "SSL shutdown timed out");
  }

  private void finish() {
    if (!finished) {
      finished = true;
      stopTimer();
      Transport transport = lower;
      if (transport != null) {
        host.callSoon(context, transport::close);
      }
    }
  }

  private void stopTimer() {
    TimerHandle running = timer;
    timer = null;
    if (running != null) {
      running.cancel();
    }
  }

  // ---- the end in bad order

  /** The engine has refused something: the peer is told why, then the connection is given up. */
  private void failWithAlert(SSLException e) {
    try {
      ByteBuffer records = buffers.encrypted();
      engine.wrap(NOTHING, records);
      sendRecords(records);
      bufferSize(); // has the transport below send what it has joined
    } catch (SSLException again) {
      e.addSuppressed(again); // it has nothing to say then
    }
    fail(e, "SSL error");
  }

  private void fail(Throwable t, String message) {
    if (host.isExit(t)) {
      throw Sneaky.rethrow(t);
    }
    if (state == State.LOST) {
      return;
    }
    boolean expected = t instanceof IOException || t instanceof TimeoutException;
    if (!expected && told) {
      report(message, t, protocol);
    } else if (host.loop().isDebug()) {
      LOGGER.log(Level.DEBUG, message + ": " + this, t);
    }
    giveUp(t);
  }

  private void giveUp(@Nullable Throwable t) {
    if (failure == null) {
      failure = t;
    }
    closing = true;
    finished = true;
    output.clear();
    input.clear();
    held = null;
    stopTimer();
    if (!handshake.isDone()) {
      if (t == null) {
        handshake.setException(
            new ConnectionResetException("the connection was closed during the TLS handshake"));
      } else {
        handshake.setException(t);
      }
      handshake.exception(); // who waits for it has it; on a server nobody does
    }
    Transport transport = lower;
    if (transport != null) {
      transport.abort();
    }
  }

  /** The transport below is lost. */
  private void lose(@Nullable Throwable exception) {
    if (state == State.LOST) {
      return;
    }
    state = State.LOST;
    closing = true;
    stopTimer();
    output.clear();
    input.clear();
    held = null;
    Throwable reason = failure != null ? failure : exception;
    if (!handshake.isDone()) {
      handshake.setException(
          reason != null
              ? reason
              : new ConnectionResetException(
                  "the peer closed the connection during the TLS handshake"));
      handshake.exception();
    }
    StreamProtocol application = protocol;
    if (told && application != null) {
      host.callSoon(
          context,
          () -> {
            protocol = null;
            try {
              application.connectionLost(reason);
            } catch (Throwable t) {
              throw Sneaky.rethrow(t); // reported by the loop as of a callback
            }
          });
    } else {
      protocol = null;
    }
  }

  // ---- the transport: reading

  @Override
  public boolean isReading() {
    return !isClosing() && !readingPaused;
  }

  @Override
  public void pauseReading() {
    if (!closing) {
      readingPaused = true;
    }
  }

  @Override
  public void resumeReading() {
    if (readingPaused && !closing) {
      readingPaused = false;
      host.callSoon(
          context,
          () -> {
            deliverHeld();
            tellResumed();
            drive();
          });
    }
  }

  private void tellResumed() {
    if (isReading() && protocol instanceof ReadingListener listener) {
      try {
        listener.readingResumed();
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.data_received() call failed.");
      }
    }
  }

  /** Keeps what waits to be decrypted within bounds. */
  private void controlReading() {
    Transport transport = lower;
    if (transport == null || finished || state == State.LOST) {
      return;
    }
    if (!lowerReadingPaused && input.size() >= INPUT_HIGH) {
      lowerReadingPaused = true;
      transport.pauseReading();
    } else if (lowerReadingPaused && input.size() <= INPUT_LOW) {
      lowerReadingPaused = false;
      transport.resumeReading();
    }
  }

  // ---- the transport: writing

  @Override
  public void write(ByteBuffer data) {
    if (!data.hasRemaining()) {
      return;
    }
    if (closing || state == State.LOST) {
      data.position(data.limit());
      if (++writesAfterLoss >= WARN_AFTER_LOST_WRITES) {
        LOGGER.log(Level.WARNING, "SSL connection is closed: data for {0} is dropped", this);
      }
      return;
    }
    output.add(data);
    if (output.size() >= ENCRYPT_AT_ONCE) {
      drive();
    } else if (!flushQueued) {
      flushQueued = true;
      host.atEndOfIteration(this::flush);
    }
    if (!closing) {
      pauseIfFull();
    }
  }

  private void flush() {
    flushQueued = false;
    drive();
  }

  @Override
  public boolean canWriteEof() {
    return false;
  }

  @Override
  public void writeEof() {
    throw new UnsupportedOperationException(
        "writeEof(): TLS has no half-close here; close() ends both directions");
  }

  @Override
  public long getWriteBufferSize() {
    return bufferSize();
  }

  @Override
  long bufferSize() {
    Transport transport = lower;
    return output.size()
        + (transport == null || state == State.LOST ? 0 : transport.getWriteBufferSize());
  }

  @Override
  WriteBufferLimits defaultLimits() {
    return LIMITS;
  }

  /**
   * Has the transport below tell when what it keeps falls to our low mark, else nobody would tell
   * our protocol.
   */
  @Override
  void limitsChanged() {
    Transport transport = lower;
    if (transport != null) {
      int high = Math.min(WriteBufferLimits.DEFAULT.high(), getWriteBufferLimits().low());
      transport.setWriteBufferLimits(high / 4, high);
    }
  }

  @Override
  boolean isAboveHighMark(long size, int high) {
    return size > 0 && size >= high;
  }

  // ---- the transport: the end

  @Override
  public boolean isClosing() {
    Transport transport = lower;
    return closing || (transport != null && transport.isClosing());
  }

  @Override
  public void close() {
    if (closing) {
      return;
    }
    if (state == State.NEW || state == State.HANDSHAKE) {
      giveUp(null);
    } else if (state == State.OPEN) {
      beginClosing();
      drive();
    }
  }

  @Override
  public void abort() {
    if (state != State.LOST && !(finished && failure != null)) {
      giveUp(null);
    }
  }

  // ---- the transport: information and protocol

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    Object value =
        switch (name) {
          case "peercert" -> peerCertificate();
          case "cipher" -> cipher();
          case "compression" -> null;
          case "sslcontext" -> setup.context();
          case "ssl_object" -> engine;
          default -> {
            Transport transport = lower;
            yield transport == null ? null : transport.getExtraInfo(name);
          }
        };
    return value == null ? otherwise : value;
  }

  private @Nullable Certificate peerCertificate() {
    try {
      return engine.getSession().getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
  }

  private @Nullable TlsCipher cipher() {
    var session = engine.getSession();
    return state == State.NEW || state == State.HANDSHAKE
        ? null
        : new TlsCipher(session.getCipherSuite(), session.getProtocol());
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    if (!(Objects.requireNonNull(protocol, "protocol") instanceof StreamProtocol stream)) {
      throw new IllegalArgumentException(
          "protocol: " + protocol + " is no Protocol or BufferedProtocol; " + this + " needs one");
    }
    this.protocol = stream;
  }

  @Override
  public @Nullable BaseProtocol getProtocol() {
    return protocol;
  }

  @Override
  public String toString() {
    return "<TlsTransport "
        + state.name().toLowerCase(java.util.Locale.ROOT)
        + " on "
        + lower
        + ">";
  }
}
