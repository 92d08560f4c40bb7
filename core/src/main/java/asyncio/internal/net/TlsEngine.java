package asyncio.internal.net;

import asyncio.net.Transport;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * The engine of one TLS connection, with the records that wait for it: decrypts what was fed,
 * encrypts what is given, and says what it needs.
 *
 * <p><b>Threading:</b> loop-confined, but for {@link #runTasks}; while that runs, nothing else is
 * to be called, since the JDK's engine would have the loop wait for its end.
 */
final class TlsEngine {
  /** How much is encrypted before it is sent. */
  static final int BATCH = 144 * 1024;

  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  private final SSLEngine engine;
  private final TlsBuffers buffers;
  private final TlsInput input;
  private boolean isHandshakeDone;
  private boolean isInputEnded;
  private boolean endsOutput;

  TlsEngine(SSLEngine engine, TlsBuffers buffers) {
    this.engine = engine;
    this.buffers = buffers;
    this.input = new TlsInput(buffers);
  }

  SSLEngine engine() {
    return engine;
  }

  SSLSession session() {
    return engine.getSession();
  }

  void beginHandshake() throws SSLException {
    engine.beginHandshake();
  }

  /** Stays true, whatever is negotiated later. */
  boolean isHandshakeDone() {
    return isHandshakeDone;
  }

  /** What it needs first: NEED_TASK is for {@link #runTasks}, NEED_WRAP for {@link #sendOwn}. */
  HandshakeStatus needs() {
    HandshakeStatus status = engine.getHandshakeStatus();
    boolean owesEnd = // which some engines do not mention
        status == HandshakeStatus.NOT_HANDSHAKING && endsOutput && !engine.isOutboundDone();
    return owesEnd ? HandshakeStatus.NEED_WRAP : status;
  }

  /** Does what takes long: looks for keys, verifies certificates, computes. In any thread. */
  void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** The engine has the status FINISHED again with each ticket and new key. */
  private void note(SSLEngineResult result) {
    isHandshakeDone |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    isInputEnded = engine.isInboundDone();
  }

  // ---- in

  /** Takes all of {@code data}; what comes after the peer's end is dropped. */
  void feed(ByteBuffer data) {
    if (isInputEnded) {
      data.position(data.limit());
    } else {
      input.add(data);
    }
  }

  /** How many bytes wait to be decrypted. */
  int inputSize() {
    return input.size();
  }

  /** Whether there is something to {@link #decrypt}. */
  boolean hasRecord() {
    return !isInputEnded && input.hasRecord();
  }

  /** How much room {@link #decrypt} needs. */
  int largestPiece() {
    return session().getApplicationBufferSize();
  }

  /**
   * Decrypts records until {@code target} has no room for another, or the engine needs something
   * else.
   *
   * @return whether there was anything to do
   */
  boolean decrypt(ByteBuffer target) throws SSLException {
    boolean any = false;
    SSLEngineResult result;
    do {
      if (!hasRecord()) {
        return any;
      }
      result = input.unwrap(engine, target);
      note(result);
      any |= result.bytesConsumed() > 0;
    } while (result.getStatus() == Status.OK
        && result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && target.remaining() >= largestPiece());
    if (isInputEnded) {
      input.clear();
    }
    return any;
  }

  /** Whether the peer has said that nothing more comes, or the engine has failed. */
  boolean isInputEnded() {
    return isInputEnded;
  }

  /**
   * Whether the next record may be the peer's end in a version before 1.3: the engine then answers
   * it at once and encrypts nothing any more.
   */
  boolean isAboutToEndOutput() {
    return input.beginsWithAlert() && !session().getProtocol().equals("TLSv1.3");
  }

  /** Gives back what a waiting connection does not need. */
  void settle() {
    input.settle();
  }

  void dropInput() {
    input.clear();
  }

  // ---- out

  /**
   * Sends what the engine has to say itself: handshake messages, alerts.
   *
   * @return whether it had anything to say
   */
  boolean sendOwn(Transport to) throws SSLException {
    ByteBuffer records = buffers.take();
    try {
      SSLEngineResult result = engine.wrap(NOTHING, records);
      note(result);
      send(records, to);
      return result.bytesProduced() > 0
          || (result.getStatus() == Status.OK && needs() != HandshakeStatus.NEED_WRAP);
    } finally {
      buffers.giveBack(records);
    }
  }

  /**
   * Encrypts and sends bytes of {@code plain}, moving its positions: not all of them if they are
   * many, or if the engine needs something else first.
   *
   * @return whether anything was sent
   */
  boolean send(ByteBuffer[] plain, Transport to) throws SSLException {
    ByteBuffer records = buffers.take();
    try {
      records.limit(BATCH);
      SSLEngineResult result;
      do {
        result = engine.wrap(plain, records);
        note(result);
      } while (result.getStatus() == Status.OK
          && result.bytesProduced() > 0
          && plain[plain.length - 1].hasRemaining()
          && records.remaining() >= session().getPacketBufferSize());
      return send(records, to);
    } finally {
      buffers.giveBack(records);
    }
  }

  private static boolean send(ByteBuffer records, Transport to) {
    if (records.position() == 0) {
      return false;
    }
    to.write(records.flip());
    return true;
  }

  /** Has the engine say that nothing more comes from here. */
  void endOutput() {
    endsOutput = true;
    engine.closeOutbound();
  }

  /** Whether the engine has said that nothing more comes from here. */
  boolean isOutputEnded() {
    return engine.isOutboundDone();
  }
}
