package asyncio.internal.net;

import asyncio.Future;
import asyncio.TimeoutException;
import asyncio.TimerHandle;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.net.BaseProtocol;
import asyncio.net.ConnectionAbortedException;
import asyncio.net.ConnectionResetException;
import asyncio.net.Protocol;
import asyncio.net.StreamProtocol;
import asyncio.net.TlsCipher;
import asyncio.net.Transport;
import asyncio.net.WriteBufferLimits;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS on top of another stream transport: a transport for the application's protocol, and the
 * protocol of the transport below (spec TLS).
 *
 * <p><b>Threading:</b> loop-confined; the engine's long tasks run in the loop's default executor.
 */
final class TlsTransport extends FlowControlledTransport implements Transport {
  /*
   *                    handshake done             close(), the peer's end
   *   NEW ──▶ HANDSHAKE ────────────▶ OPEN ────────────────────────────▶ FLUSHING
   *               │                    │                                    │ all is encrypted
   *               │                    │                                    ▼
   *               │                    │                                 SHUTDOWN: close_notify is sent
   *               │ failure, close(),  │ failure,                           │ the peer's end
   *               │ abort(), too late  │ abort()                            ▼
   *               │                    │                                  ENDING: the transport below is told to close
   *               ▼                    ▼         failure, abort(),          │
   *            ABORTED ◀───────────────┴── too late, from these three ──────┤
   *               │ the transport below is told to abort                    │
   *               ▼                                                         ▼
   *             LOST ◀───────────────── the transport below is lost ────────┘
   *
   * The peer's end is its close_notify or, without one, the end of the bytes below. The transport below may also be lost
   * by itself, which leads from everywhere to LOST.
   *
   * drive() does one step after the other until there is nothing to do: tasks (then it is called again when they have
   * run), records that the engine wants to send, records that are here, bytes to send, the next state. It is never
   * nested: callbacks of the protocol run inside it, and what they ask for is done when they have returned. Only
   * encrypting what is written happens in between, in write().
   *
   * Encrypted input waits in the engine, plain output in `output`; decrypted input is handed on at once, except for what
   * a BufferedProtocol had no room for when it paused reading, which `delivery` holds. What is written is encrypted at the
   * end of the iteration, so that many small writes share a record, unless it is much; and no more is encrypted while the
   * transport below has paused this one.
   */
  private enum State {
    NEW,
    HANDSHAKE,
    OPEN,
    FLUSHING,
    SHUTDOWN,
    ENDING,
    ABORTED,
    LOST
  }

  private static final WriteBufferLimits LIMITS = new WriteBufferLimits(128 * 1024, 512 * 1024);
  private static final int INPUT_HIGH = 256 * 1024;
  private static final int INPUT_LOW = 64 * 1024;
  private static final int ENCRYPT_AT_ONCE = 64 * 1024;
  private static final int LOST_WRITES_TO_WARN = 5;

  private final TlsSetup setup;
  private final Object context;
  private final TlsEngine engine;
  private final Below below = new Below();
  private final Runnable flush = this::flush;
  private final WriteQueue output = new WriteQueue();
  private final TlsDelivery delivery;

  /** Completed when the handshake has ended, with its failure if it failed. */
  private final Future<@Nullable Void> handshake;

  /** Whether the protocol knows the connection already, from before startTls. */
  private final boolean isUpgrade;

  private State state = State.NEW;
  private @Nullable Transport lower;
  private @Nullable StreamProtocol protocol;

  /** Limits the handshake, or the end. */
  private @Nullable TimerHandle timer;

  /** What the connection was given up for; what it is lost with. */
  private @Nullable Throwable failure;

  /** Known when the handshake is done. */
  private @Nullable SSLSession session;

  private long handshakeBegan;
  private boolean isDriving;
  private boolean driveAgain;
  private boolean tasksRun;
  private boolean flushQueued;
  private boolean readingPaused;
  private boolean lowerReadingPaused;
  private boolean lowerFull;
  private boolean lowerAtEof;
  private boolean eofTold;
  private int writesAfterEnd;

  /**
   * Makes the upper end; {@link #lieOn} comes next.
   *
   * @param isUpgrade whether {@code protocol} has served the connection before
   */
  TlsTransport(
      Network network, TlsSetup setup, StreamProtocol protocol, Object context, boolean isUpgrade) {
    super(network.host, LIMITS);
    this.setup = setup;
    this.protocol = protocol;
    this.context = context;
    this.isUpgrade = isUpgrade;
    this.engine = new TlsEngine(setup.newEngine(), network.tlsBuffers);
    this.delivery = new TlsDelivery(this, engine, network.tlsBuffers);
    this.handshake = new NamedWait<>(host.loop(), WaitKind.SOCKET_CONNECT, "handshake of", this);
  }

  // ---- the transport below

  /** The protocol for the transport below. */
  Below below() {
    return below;
  }

  /** What carries this, and has {@link #below} for its protocol. */
  void lieOn(Transport transport) {
    lower = transport;
  }

  /** What the transport below calls. */
  final class Below implements Protocol, Sink {

    /** The transport above. */
    TlsTransport above() {
      return TlsTransport.this;
    }

    @Override
    public void connectionMade(Transport transport) {
      begin();
    }

    @Override
    public void received(ByteBuffer data) {
      dataReceived(data);
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      if (isEnded()) {
        data.position(data.limit());
      } else {
        engine.feed(data);
        goOn();
      }
    }

    @Override
    public boolean eofReceived() {
      lowerAtEof = true;
      goOn();
      return true; // this closes it when all is done
    }

    @Override
    public void pauseWriting() {
      lowerFull = true;
    }

    @Override
    public void resumeWriting() {
      lowerFull = false;
      goOn();
    }

    @Override
    public void connectionLost(@Nullable Throwable exception) {
      lose(exception);
    }
  }

  /** Something has happened below: what that makes possible is done. */
  private void goOn() {
    drive();
    if (state.compareTo(State.OPEN) >= 0 && state.compareTo(State.ENDING) <= 0) {
      resumeIfDrained();
    }
    engine.settle();
    controlReading();
  }

  // ---- handshake

  /** Done when the handshake is; fails as it does. */
  Future<@Nullable Void> handshake() {
    return handshake;
  }

  /** Takes encrypted bytes that others have received. */
  void takeEarly(ByteBuffer data) {
    engine.feed(data);
  }

  /** Begins the handshake, unless it was given up before that. */
  void begin() {
    if (state != State.NEW) {
      return;
    }
    state = State.HANDSHAKE;
    if (isUpgrade) {
      lowerFull = isPaused(lower);
      continuePause(lowerFull);
    }
    limitsChanged();
    timer = host.loop().callLater(setup.handshakeTimeout(), this::handshakeTimedOut);
    if (host.loop().isDebug()) {
      handshakeBegan = host.loop().time();
      host.log(Level.DEBUG, this + " starts the TLS handshake", null);
    }
    try {
      engine.beginHandshake();
    } catch (Throwable t) {
      fail(t, "SSL handshake failed");
    }
    goOn();
  }

  private static boolean isPaused(@Nullable Transport transport) {
    return transport instanceof FlowControlledTransport ours
        ? ours.isWritingPaused()
        : transport != null
            && transport.getWriteBufferSize() > transport.getWriteBufferLimits().high();
  }

  private void handshakeTimedOut() {
    fail(
        new ConnectionAbortedException(
            "SSL handshake is taking longer than "
                + inSeconds(setup.handshakeTimeout())
                + " seconds: aborting the connection"),
        "SSL handshake timed out");
  }

  private void handshakeDone() {
    stopTimer();
    state = State.OPEN;
    session = engine.session();
    if (host.loop().isDebug()) {
      double millis = (host.loop().time() - handshakeBegan) / 1e6;
      host.log(Level.DEBUG, this + ": the TLS handshake took " + millis + " ms", null);
    }
    StreamProtocol told = protocol;
    if (!isUpgrade && told != null) {
      try {
        told.connectionMade(this);
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.connection_made() call failed.");
        return;
      }
    }
    endHandshake(null);
  }

  private void endHandshake(@Nullable Throwable t) {
    if (handshake.isDone()) {
      return;
    }
    if (t == null) {
      handshake.setResult(null);
    } else {
      handshake.setException(t);
      handshake.exception(); // who waits for it has it; on a server nobody does
    }
  }

  // ---- the engine

  private boolean isEnded() {
    return state.compareTo(State.ENDING) >= 0;
  }

  /** Does what can be done now. */
  private void drive() {
    if (isDriving) {
      driveAgain = true;
      return;
    }
    isDriving = true;
    try {
      do {
        driveAgain = false;
      } while (step() || driveAgain);
    } catch (Throwable t) {
      failOfEngine(t);
    } finally {
      isDriving = false;
    }
  }

  /** Does one thing; false if there is none to do. */
  private boolean step() throws SSLException {
    Transport to = lower;
    if (tasksRun || to == null || state == State.NEW || isEnded()) {
      return false;
    }
    HandshakeStatus needs = engine.needs();
    if (needs == HandshakeStatus.NEED_TASK) {
      runTasks();
      return false;
    }
    boolean any =
        (needs == HandshakeStatus.NEED_WRAP && engine.sendOwn(to)) || read() || encrypt(to);
    if (state == State.HANDSHAKE && engine.isHandshakeDone()) {
      handshakeDone();
      return true;
    }
    return any || goOnEnding();
  }

  private void runTasks() {
    tasksRun = true;
    host.loop()
        .runInExecutor(null, engine::runTasks)
        .addDoneCallback(done -> {
          tasksRun = false;
          Throwable thrown =
              done.isCancelled()
                  ? new CancellationException("the task of a TLS engine was cancelled")
                  : done.exception();
          if (thrown != null && !isEnded()) {
            fail(thrown, "Fatal error on SSL protocol");
          }
          goOn();
        });
  }

  // ---- reading

  /** Whether the protocol gets what is decrypted; else it is dropped. */
  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isReadingPaused() {
    return readingPaused;
  }

  /** Whether decrypted bytes have a taker, or are to be dropped. */
  private boolean mayRead() {
    return switch (state) {
      case HANDSHAKE, FLUSHING, SHUTDOWN -> true;
      case OPEN -> !readingPaused;
      case NEW, ENDING, ABORTED, LOST -> false;
    };
  }

  /** Decrypts records that are here and hands the bytes on; false if there are none. */
  private boolean read() throws SSLException {
    if (!mayRead()) {
      return false;
    }
    if (delivery.isHolding()) {
      delivery.goOn();
      return true;
    }
    if (!engine.hasRecord()) {
      return false;
    }
    if (engine.isAboutToEndOutput()) {
      encryptAll();
    }
    return delivery.read();
  }

  // ---- writing

  private boolean mayEncrypt() {
    return (state == State.OPEN || state == State.FLUSHING) && !lowerFull && !tasksRun;
  }

  /** Encrypts of what was written what the transport below takes; false if that is nothing. */
  private boolean encrypt(Transport to) throws SSLException {
    boolean any = false;
    while (!output.isEmpty() && mayEncrypt() && encryptSome(to)) {
      any = true;
    }
    return any;
  }

  /** Encrypts all that was written, since the engine will soon take no more. */
  private void encryptAll() throws SSLException {
    Transport to = lower;
    while (to != null && !output.isEmpty() && encryptSome(to)) {}
  }

  private boolean encryptSome(Transport to) throws SSLException {
    ByteBuffer[] plain = output.views(TlsEngine.BATCH);
    boolean any = engine.send(plain, to);
    removeSent(plain);
    return any;
  }

  /** Drops of the queue what an engine has taken of views of its first bytes. */
  private void removeSent(ByteBuffer[] views) {
    for (ByteBuffer view : views) {
      output.remove(view.position());
    }
    if (engine.isOutputEnded()) {
      output.clear(); // the peer has ended it, before version 1.3
    }
  }

  /** Encrypts from where the bytes are, without a copy, as long as the transport below takes it. */
  private void encryptInPlace(ByteBuffer data, Transport to) throws SSLException {
    ByteBuffer[] queued = output.views(Integer.MAX_VALUE);
    ByteBuffer[] plain = Arrays.copyOf(queued, queued.length + 1);
    plain[queued.length] = data;
    boolean any;
    do {
      any = engine.send(plain, to);
    } while (any && data.hasRemaining() && mayEncrypt());
    removeSent(queued);
  }

  /** Has what was written encrypted, within a call of the application's or after all of them. */
  private void encryptNow(@Nullable ByteBuffer large) {
    Transport to = lower;
    if (to == null || !mayEncrypt()) {
      return;
    }
    try {
      if (large == null) {
        encrypt(to);
      } else {
        encryptInPlace(large, to);
      }
    } catch (Throwable t) {
      failOfEngine(t);
    }
  }

  private void flush() {
    flushQueued = false;
    encryptNow(null);
  }

  // ---- the end in good order

  /** Goes on with whatever end has begun; false if there is nothing to do for now. */
  private boolean goOnEnding() {
    boolean peerHasEnded = engine.isInputEnded() || lowerAtEof;
    switch (state) {
      case HANDSHAKE -> {
        if (lowerAtEof) {
          fail(lostInHandshake(), "SSL handshake failed");
        }
      }
      case OPEN -> {
        if (peerHasEnded && !readingPaused && !eofTold) {
          eofTold = true;
          endOfInput();
          return true;
        }
      }
      case FLUSHING -> {
        if (output.isEmpty()) {
          state = State.SHUTDOWN;
          engine.endOutput();
          return true;
        }
      }
      case SHUTDOWN -> {
        Transport transport = lower;
        if (peerHasEnded && engine.isOutputEnded() && transport != null) {
          state = State.ENDING;
          host.callSoon(context, transport::close);
        }
      }
      case NEW, ENDING, ABORTED, LOST -> {}
    }
    return false;
  }

  private static ConnectionResetException lostInHandshake() {
    return new ConnectionResetException(
        "the peer closed the connection during the TLS handshake; does it speak TLS?");
  }

  private void endOfInput() {
    if (!engine.isInputEnded() && host.loop().isDebug()) {
      host.log(Level.DEBUG, this + ": the peer's end came without its close_notify", null);
    }
    StreamProtocol told = protocol;
    boolean keepOpen = false;
    if (told != null) {
      try {
        keepOpen = told.eofReceived();
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.eof_received() call failed.");
      }
    }
    if (state != State.OPEN || told instanceof Below) {
      return; // the TLS above closes this when it has sent its own end
    }
    if (keepOpen) {
      host.log(
          Level.WARNING,
          "returning true from eof_received() has no effect when using ssl: " + told,
          null);
    }
    beginClosing();
  }

  private void beginClosing() {
    state = State.FLUSHING;
    delivery.drop();
    timer = host.loop().callLater(setup.shutdownTimeout(), this::shutdownTimedOut);
  }

  /** Also if the transport below cannot get rid of the last bytes. */
  private void shutdownTimedOut() {
    giveUp(
        new TimeoutException(
            "SSL shutdown timed out after " + inSeconds(setup.shutdownTimeout()) + " seconds",
            null));
  }

  private static double inSeconds(Duration duration) {
    return duration.toMillis() / 1e3;
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
  private void failOfEngine(Throwable t) {
    Transport to = lower;
    if (t instanceof SSLException && to != null && !isEnded()) {
      try {
        engine.sendOwn(to);
        to.getWriteBufferSize(); // has it send what it has joined
      } catch (SSLException again) {
        t.addSuppressed(again); // it has nothing to say then
      }
    }
    fail(t, "Fatal error on SSL protocol");
  }

  /** Gives up because of {@code t}, which is reported unless it is of a usual kind (PROTO-11). */
  void fail(Throwable t, String message) {
    if (host.isExit(t)) {
      throw Sneaky.rethrow(t);
    }
    if (isReported(t)) {
      report(message, t, protocol);
    } else if (host.loop().isDebug()) {
      host.log(Level.DEBUG, this + ": " + message, t);
    }
    if (!isEnded()) {
      giveUp(t);
    }
  }

  /** Errors of the connection are not; others are, unless they leave the call that connects. */
  private boolean isReported(Throwable t) {
    return !(t instanceof IOException || t instanceof TimeoutException)
        && (state != State.HANDSHAKE || setup.serverSide());
  }

  private void giveUp(@Nullable Throwable t) {
    if (failure == null) {
      failure = t;
    }
    boolean isKnown = isKnown();
    state = State.ABORTED;
    release();
    Transport transport = lower;
    if (transport != null) {
      transport.abort();
    }
    endHandshake(
        t != null
            ? t
            : new ConnectionResetException("the connection was closed during the TLS handshake"));
    if (!isKnown) {
      protocol = null;
    }
  }

  /** Whether the protocol was told of the connection, so that it hears of the end too. */
  private boolean isKnown() {
    return isUpgrade || (state != State.NEW && state != State.HANDSHAKE);
  }

  private void release() {
    stopTimer();
    output.clear();
    engine.dropInput();
    delivery.drop();
  }

  /** The transport below is lost. */
  private void lose(@Nullable Throwable exception) {
    if (state == State.LOST) {
      return;
    }
    boolean isKnown = isKnown();
    state = State.LOST;
    release();
    Throwable reason = failure != null ? failure : exception;
    endHandshake(reason != null ? reason : lostInHandshake());
    if (!isKnown) {
      protocol = null;
    }
    host.callSoon(context, () -> tellLost(reason));
  }

  private void tellLost(@Nullable Throwable reason) {
    StreamProtocol told = protocol;
    try {
      if (told != null) {
        told.connectionLost(reason);
      }
    } catch (Throwable t) {
      throw Sneaky.rethrow(t); // reported by the loop as of a callback
    } finally {
      protocol = null;
      lower = null;
      session = null;
    }
  }

  // ---- the transport: reading

  @Override
  public boolean isReading() {
    return !readingPaused && !isClosing();
  }

  @Override
  public void pauseReading() {
    host.checkOnLoop("pauseReading");
    if (!isClosing()) {
      readingPaused = true;
    }
  }

  @Override
  public void resumeReading() {
    host.checkOnLoop("resumeReading");
    if (readingPaused && !isClosing()) {
      readingPaused = false;
      host.callSoon(context, this::readingResumed);
    }
  }

  private void readingResumed() {
    if (isReading() && protocol instanceof ReadingListener told) {
      try {
        told.readingResumed();
      } catch (Throwable t) {
        fail(t, "Fatal error: protocol.data_received() call failed.");
      }
    }
    goOn();
  }

  /** Keeps what waits to be decrypted within bounds. */
  private void controlReading() {
    Transport transport = lower;
    if (transport == null || isEnded()) {
      return;
    }
    int size = engine.inputSize();
    if (!lowerReadingPaused && size >= INPUT_HIGH) {
      lowerReadingPaused = true;
      transport.pauseReading();
    } else if (lowerReadingPaused && size <= INPUT_LOW) {
      lowerReadingPaused = false;
      transport.resumeReading();
    }
  }

  // ---- the transport: writing

  @Override
  public void write(ByteBuffer data) {
    Objects.requireNonNull(data, "data");
    host.checkOnLoop("write");
    FileRelay.checkMayWrite(protocol, "write");
    if (!data.hasRemaining()) {
      return;
    }
    if (isDropping()) {
      noteDropped();
      data.position(data.limit());
      return;
    }
    if (data.remaining() >= ENCRYPT_AT_ONCE && !data.isDirect()) {
      encryptNow(data);
    }
    keep(data);
    pauseIfFull();
  }

  @Override
  public void writeLines(Iterable<ByteBuffer> pieces) {
    host.checkOnLoop("writelines");
    FileRelay.checkMayWrite(protocol, "writelines");
    boolean any = false;
    for (ByteBuffer piece : pieces) {
      any |= Objects.requireNonNull(piece, "piece").hasRemaining();
    }
    if (!any) {
      return;
    }
    if (isDropping()) {
      noteDropped();
      pieces.forEach(piece -> piece.position(piece.limit()));
      return;
    }
    pieces.forEach(this::keep);
    pauseIfFull();
  }

  private boolean isDropping() {
    return state.compareTo(State.FLUSHING) >= 0;
  }

  private void noteDropped() {
    if (++writesAfterEnd >= LOST_WRITES_TO_WARN) {
      host.log(Level.WARNING, "SSL connection is closed: data for " + this + " is dropped", null);
    }
  }

  /**
   * Copies the bytes, to be encrypted with others at the end of the iteration, unless it is much.
   */
  private void keep(ByteBuffer data) {
    if (!data.hasRemaining() || isDropping()) {
      return;
    }
    output.add(data);
    if (output.size() >= Math.min(ENCRYPT_AT_ONCE, highMark())) {
      encryptNow(null);
    }
    if (!flushQueued && !output.isEmpty()) {
      flushQueued = true;
      host.atEndOfIteration(flush);
    }
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
    settle();
    return bufferSize();
  }

  @Override
  void settle() {
    if (!output.isEmpty()) {
      encryptNow(null);
    }
  }

  /** How many bytes wait to be encrypted; on any thread. */
  long ownBufferSize() {
    return output.size();
  }

  @Override
  long bufferSize() {
    Transport transport = lower;
    return output.size() + (transport == null ? 0 : transport.getWriteBufferSize());
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
    if (transport != null && !isEnded()) {
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
    return isDropping() || (transport != null && transport.isClosing());
  }

  @Override
  public void close() {
    host.checkOnLoop("close");
    if (state == State.NEW || state == State.HANDSHAKE) {
      giveUp(null);
    } else if (state == State.OPEN) {
      beginClosing();
      drive();
      controlReading();
    }
  }

  @Override
  public void abort() {
    host.checkOnLoop("abort");
    if (state != State.LOST) {
      giveUp(null);
    }
  }

  // ---- the transport: information and protocol

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    Transport transport = lower;
    if (transport == null) {
      return otherwise;
    }
    SSLSession negotiated = session;
    Object value =
        switch (name) {
          case "sslcontext" -> setup.context();
          case "ssl_object" -> negotiated == null ? null : engine.engine();
          case "peercert" -> negotiated == null ? null : peerCertificate(negotiated);
          case "cipher" -> negotiated == null ? null : TlsCipher.of(negotiated);
          case "compression" -> null;
          default -> transport.getExtraInfo(name);
        };
    return value == null ? otherwise : value;
  }

  private static @Nullable Certificate peerCertificate(SSLSession session) {
    try {
      return session.getPeerCertificates()[0];
    } catch (SSLPeerUnverifiedException e) {
      return null;
    }
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
  public @Nullable StreamProtocol getProtocol() {
    return protocol;
  }

  @Override
  public String toString() {
    String name = state.name().toLowerCase(Locale.ROOT);
    return "<TlsTransport " + name + (lower == null ? "" : " on " + lower) + ">";
  }
}
