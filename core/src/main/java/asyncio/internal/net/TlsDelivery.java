package asyncio.internal.net;

import asyncio.net.BufferedProtocol;
import asyncio.net.Protocol;
import asyncio.net.StreamProtocol;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts records and hands the bytes to the protocol above, whatever its kind.
 *
 * <p>Nobody wants them after close(): then they are dropped. What a BufferedProtocol has no room
 * for when it pauses reading is held.
 *
 * <p><b>Threading:</b> loop-confined.
 */
final class TlsDelivery {
  private static final int AT_ONCE = 144 * 1024;

  private final TlsTransport transport;
  private final TlsEngine engine;
  private final TlsBuffers buffers;

  /** Decrypted bytes that a BufferedProtocol did not take yet. */
  private @Nullable ByteBuffer held;

  TlsDelivery(TlsTransport transport, TlsEngine engine, TlsBuffers buffers) {
    this.transport = transport;
    this.engine = engine;
    this.buffers = buffers;
  }

  /**
   * Decrypts records and hands the bytes on.
   *
   * @return whether there was anything to do
   */
  boolean read() throws SSLException {
    return (transport.isOpen() && transport.getProtocol() instanceof BufferedProtocol buffered)
        ? readInto(buffered)
        : readAndDeliver();
  }

  /** Whether bytes are held, which come before all that {@link #read} brings. */
  boolean isHolding() {
    return held != null;
  }

  /** Hands on what is held. */
  void goOn() {
    ByteBuffer plain = held;
    held = null;
    if (plain != null) {
      deliver(plain);
    }
  }

  void drop() {
    held = null;
  }

  private boolean readAndDeliver() throws SSLException {
    ByteBuffer plain = buffers.take().limit(AT_ONCE);
    try {
      return engine.decrypt(plain);
    } finally {
      if (plain.flip().hasRemaining()) {
        deliver(plain); // also if a record behind it is wrong
      }
      buffers.giveBack(plain);
    }
  }

  private void deliver(ByteBuffer plain) {
    StreamProtocol told = transport.getProtocol();
    if (!transport.isOpen() || told == null) {
      return;
    }
    try {
      switch (told) {
        case Sink sink -> sink.received(plain);
        case Protocol pieces -> pieces.dataReceived(ByteBuffer.wrap(copyOf(plain)));
        case BufferedProtocol buffered -> deliverTo(buffered, plain);
      }
    } catch (Throwable t) {
      transport.fail(t, "Fatal error: protocol.data_received() call failed.");
    }
  }

  /** The protocol may keep its bytes. Not by {@code get}: that would clear the new array first. */
  private static byte[] copyOf(ByteBuffer plain) {
    int begin = plain.arrayOffset() + plain.position();
    return Arrays.copyOfRange(plain.array(), begin, begin + plain.remaining());
  }

  // ---- protocols with buffers of their own

  /** Decrypts straight into the protocol's buffer, if a record fits. */
  private boolean readInto(BufferedProtocol told) throws SSLException {
    ByteBuffer target = bufferOf(told);
    if (target == null) {
      return true;
    }
    int begin = target.position();
    if (!target.isDirect() && target.remaining() >= engine.largestPiece()) {
      try {
        return engine.decrypt(target);
      } finally {
        if (target.position() > begin) {
          tellUpdated(told, target.position() - begin);
        }
      }
    }
    ByteBuffer plain = buffers.take().limit(engine.largestPiece());
    try {
      return engine.decrypt(plain);
    } finally {
      if (plain.flip().hasRemaining()) {
        fill(told, target, plain);
        deliverTo(told, plain);
      }
      buffers.giveBack(plain);
    }
  }

  /** Fills the protocol's buffers as often as it takes, and holds the rest if it pauses. */
  private void deliverTo(BufferedProtocol told, ByteBuffer plain) {
    while (plain.hasRemaining() && transport.isOpen() && transport.getProtocol() == told) {
      if (transport.isReadingPaused()) {
        break;
      }
      ByteBuffer target = bufferOf(told);
      if (target != null) {
        fill(told, target, plain);
      }
    }
    if (plain.hasRemaining() && transport.isOpen()) {
      held = ByteBuffer.allocate(plain.remaining()).put(plain).flip();
    }
  }

  private void fill(BufferedProtocol told, ByteBuffer target, ByteBuffer plain) {
    int count = Math.min(target.remaining(), plain.remaining());
    target.put(plain.slice(plain.position(), count));
    plain.position(plain.position() + count);
    tellUpdated(told, count);
  }

  /** The protocol's buffer; null if that has failed, or ended the connection. */
  private @Nullable ByteBuffer bufferOf(BufferedProtocol told) {
    try {
      ByteBuffer target = told.getBuffer(-1);
      ChannelTransport.checkBuffer(target);
      return transport.isOpen() ? target : null;
    } catch (Throwable t) {
      transport.fail(t, "Fatal error: protocol.get_buffer() call failed.");
      return null;
    }
  }

  private void tellUpdated(BufferedProtocol told, int count) {
    try {
      told.bufferUpdated(count);
    } catch (Throwable t) {
      transport.fail(t, "Fatal error: protocol.buffer_updated() call failed.");
    }
  }
}
