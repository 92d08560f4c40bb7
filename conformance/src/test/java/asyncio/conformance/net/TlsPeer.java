package asyncio.conformance.net;

import asyncio.Suspends;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection with TLS, by hand: an engine of the JDK on a plain transport. It
 * shakes hands by itself, and takes what comes; all the rest is for the test to do.
 */
final class TlsPeer extends Witness {
  private static final int ROOM = 64 * 1024;

  private final SSLEngine engine;
  private final ByteArrayOutputStream plain = new ByteArrayOutputStream();
  private byte[] input = {};

  /** The types of the records that came; in TLS 1.3 all encrypted ones are data, 23. */
  final List<Integer> records = new ArrayList<>();

  /** The sizes of the pieces of plain data that came, one for each record. */
  final List<Integer> pieces = new ArrayList<>();

  /** What came in clear and encrypted, in order: data, end, and alerts as their exceptions. */
  final List<String> heard = new ArrayList<>();

  private boolean isDone;
  private boolean isDeaf;
  private @Nullable SSLException failure;
  private @Nullable String dataWithLastMessage;

  private TlsPeer(SSLEngine engine, @Nullable String version) {
    this.engine = engine;
    if (version != null) {
      engine.setEnabledProtocols(new String[] {version});
    }
  }

  static TlsPeer client(@Nullable String version) throws Exception {
    SSLEngine engine = Tls.client().createSSLEngine(Tls.NAME, 443);
    engine.setUseClientMode(true);
    return new TlsPeer(engine, version);
  }

  static TlsPeer server(@Nullable String version) {
    SSLEngine engine = Tls.server().createSSLEngine();
    engine.setUseClientMode(false);
    return new TlsPeer(engine, version);
  }

  SSLEngine engine() {
    return engine;
  }

  /** Has it look at nothing that comes from now on. */
  void beDeaf() {
    isDeaf = true;
  }

  /** Has it look at what has come, but for the first bytes, and will come. */
  void hearFrom(int first) throws Exception {
    isDeaf = false;
    input = Arrays.copyOfRange(input, first, input.length);
    process();
  }

  /** Has it send data together with its last message of the handshake, in one piece. */
  void sendWithLastMessage(String data) {
    dataWithLastMessage = data;
  }

  // ---- to be awaited

  /** Begins the handshake, as a client, and ends it. */
  @Suspends
  void shakeHands() {
    begin();
    until(() -> isDone || failure != null);
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }

  void begin() {
    if (engine.getUseClientMode()) {
      process();
    }
  }

  @Suspends
  void untilPlain(int count) {
    until(() -> plain.size() >= count);
  }

  /** Until the other end has said that nothing more comes. */
  @Suspends
  void untilEnd() {
    until(() -> heard.contains("end"));
  }

  @Suspends
  void untilHandshake() {
    until(() -> isDone);
  }

  // ---- what came

  byte[] plain() {
    return plain.toByteArray();
  }

  String plainText() {
    return plain.toString(StandardCharsets.UTF_8);
  }

  @Nullable SSLException failure() {
    return failure;
  }

  // ---- what is sent

  void sendPlain(String text) {
    sendPlain(bytes(text));
  }

  void sendPlain(byte[] data) {
    transport().write(encrypt(data));
  }

  /** The records of data, not sent. */
  byte[] encrypt(byte[] data) {
    try {
      ByteBuffer source = ByteBuffer.wrap(data);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      do {
        ByteBuffer target = ByteBuffer.allocate(ROOM);
        engine.wrap(source, target);
        all.write(target.array(), 0, target.position());
      } while (source.hasRemaining());
      return all.toByteArray();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  /** Says that nothing more comes. */
  void sendEnd() {
    transport().write(end());
  }

  /** The record that says so, not sent. */
  byte[] end() {
    engine.closeOutbound();
    return encrypt(new byte[0]);
  }

  /** Asks for new keys: in TLS 1.3 by a new key, before by a new handshake. */
  void sendNewKeys() throws SSLException {
    engine.beginHandshake();
    transport().write(encrypt(new byte[0]));
  }

  // ---- what happens by itself

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    int old = input.length;
    input = Arrays.copyOf(input, old + data.remaining());
    data.duplicate().get(input, old, data.remaining());
    if (!isDeaf) {
      process();
    }
    super.dataReceived(data); // wakes who waits
  }

  private void process() {
    try {
      while (step()) {}
    } catch (SSLException e) {
      failure = e;
      heard.add(e.getMessage());
      send();
    }
  }

  private void send() {
    try {
      ByteBuffer target = ByteBuffer.allocate(ROOM);
      engine.wrap(ByteBuffer.allocate(0), target);
      transport().write(target.flip());
    } catch (SSLException e) {
      // it has nothing to say
    }
  }

  private boolean step() throws SSLException {
    if (failure != null) {
      return false;
    }
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> {
        for (Runnable task = engine.getDelegatedTask();
            task != null;
            task = engine.getDelegatedTask()) {
          task.run();
        }
        return true;
      }
      case NEED_WRAP -> {
        if (isDone && engine.isInboundDone()) {
          return false; // the answer to the end is the test's
        }
        ByteBuffer target = ByteBuffer.allocate(ROOM);
        var result = engine.wrap(ByteBuffer.allocate(0), target);
        note(result.getHandshakeStatus());
        if (isDone && dataWithLastMessage != null) {
          target.put(encrypt(bytes(dataWithLastMessage)));
          dataWithLastMessage = null;
        }
        transport().write(target.flip());
        return result.getStatus() == Status.OK;
      }
      default -> {
        return unwrap();
      }
    }
  }

  private boolean unwrap() throws SSLException {
    if (engine.isInboundDone() || (input.length == 0 && isDone)) {
      return false;
    }
    ByteBuffer source = ByteBuffer.wrap(input);
    ByteBuffer target = ByteBuffer.allocate(ROOM);
    int type = input.length == 0 ? 0 : input[0];
    var result = engine.unwrap(source, target);
    if (result.bytesConsumed() > 0) {
      records.add(type);
    }
    input = Arrays.copyOfRange(input, source.position(), input.length);
    note(result.getHandshakeStatus());
    if (target.position() > 0) {
      plain.write(target.array(), 0, target.position());
      pieces.add(target.position());
      if (heard.isEmpty() || !heard.getLast().equals("data")) {
        heard.add("data");
      }
    }
    if (engine.isInboundDone()) {
      heard.add("end");
    }
    return result.bytesConsumed() > 0 || result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP;
  }

  private void note(HandshakeStatus status) {
    isDone |= status == HandshakeStatus.FINISHED;
  }
}
