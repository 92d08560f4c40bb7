package asyncio.net;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A protocol that is a transport for another one: a layer of a stack of protocols (PEP 3153
 * 'Stacks'; spec STACK-2 to STACK-6).
 *
 * <p>Towards the transport below it is a protocol; towards the protocol above, {@link #transport}
 * is what that writes to. As it is, everything passes through. A subclass changes what it is about:
 * {@link #dataReceived} turns bytes from below into {@link #deliver}; {@link #writeBelow} and
 * {@link #send} turn what the upper protocol writes into bytes for below.
 *
 * <p><b>Order:</b> the upper protocol is told of its connection when the layer calls {@link
 * #ready}, at first as soon as it is connected itself, and that it is lost exactly once, if it was
 * told. Back-pressure passes through in both directions.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public abstract class ProtocolLayer implements Protocol {
  private final Upper upper = new Upper();
  private StreamProtocol above;
  private @Nullable Transport below;
  private boolean told;
  private boolean eofTold;
  private boolean lost;

  /** Makes a layer for one connection. */
  protected ProtocolLayer(StreamProtocol above) {
    this.above = Objects.requireNonNull(above, "above");
  }

  /** The transport for the protocol above. */
  public final Transport transport() {
    return upper;
  }

  /** The transport below; null before the connection is made. */
  protected final @Nullable Transport below() {
    return below;
  }

  // ---- what a layer does with bytes

  /**
   * The upper protocol has written {@code data}, at least one byte, all of which is to be taken. At
   * first it is sent as it is.
   */
  protected void send(ByteBuffer data) {
    writeBelow(data);
  }

  /** The upper protocol has ended its output; at first the transport below ends, too. */
  protected void sendEof() {
    Transport transport = below;
    if (transport != null) {
      transport.writeEof();
    }
  }

  /** The upper protocol has closed its transport; at first the transport below is closed. */
  protected void closeBelow() {
    Transport transport = below;
    if (transport != null) {
      transport.close();
    }
  }

  /** Writes to the transport below. */
  protected final void writeBelow(ByteBuffer data) {
    Transport transport = below;
    if (transport == null) {
      throw new IllegalStateException("nothing can be written yet: " + this + " is not connected");
    }
    transport.write(data);
  }

  /** Hands bytes to the upper protocol; between position and limit, in an array of their own. */
  protected final void deliver(ByteBuffer data) throws Exception {
    if (!told || lost || !data.hasRemaining()) {
      return;
    }
    switch (above) {
      case Protocol protocol -> protocol.dataReceived(data);
      case BufferedProtocol protocol -> {
        while (data.hasRemaining()) {
          ByteBuffer target = protocol.getBuffer(data.remaining());
          int count = Math.min(target.remaining(), data.remaining());
          if (count == 0) {
            throw new IllegalStateException(
                "getBuffer() returned a buffer without room: " + target + "; return one with room");
          }
          target.put(data.slice(data.position(), count));
          data.position(data.position() + count);
          protocol.bufferUpdated(count);
        }
      }
    }
  }

  /** Tells the upper protocol that it is connected. */
  protected final void ready() throws Exception {
    if (!told && !lost) {
      told = true;
      above.connectionMade(upper);
    }
  }

  // ---- what the transport below says

  @Override
  public void connectionMade(Transport transport) throws Exception {
    below = transport;
    ready();
  }

  @Override
  public void dataReceived(ByteBuffer data) throws Exception {
    deliver(data);
  }

  @Override
  public boolean eofReceived() throws Exception {
    if (!told || eofTold) {
      return false;
    }
    eofTold = true;
    return above.eofReceived();
  }

  @Override
  public void pauseWriting() throws Exception {
    if (told) {
      above.pauseWriting();
    }
  }

  @Override
  public void resumeWriting() throws Exception {
    if (told) {
      above.resumeWriting();
    }
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    if (!lost) {
      lost = true;
      if (told) {
        above.connectionLost(exception);
      }
    }
  }

  /** The transport for the protocol above. */
  private final class Upper implements Transport {
    private Transport lower() {
      Transport transport = below;
      if (transport == null) {
        throw new IllegalStateException(ProtocolLayer.this + " is not connected yet");
      }
      return transport;
    }

    @Override
    public void write(ByteBuffer data) {
      if (data.hasRemaining()) {
        send(data);
      }
    }

    @Override
    public void writeEof() {
      sendEof();
    }

    @Override
    public boolean canWriteEof() {
      return lower().canWriteEof();
    }

    @Override
    public void close() {
      closeBelow();
    }

    @Override
    public void abort() {
      lower().abort();
    }

    @Override
    public boolean isClosing() {
      return lower().isClosing();
    }

    @Override
    public boolean isReading() {
      return lower().isReading();
    }

    @Override
    public void pauseReading() {
      lower().pauseReading();
    }

    @Override
    public void resumeReading() {
      lower().resumeReading();
    }

    @Override
    public void setWriteBufferLimits(int low, int high) {
      lower().setWriteBufferLimits(low, high);
    }

    @Override
    public void resetWriteBufferLimits() {
      lower().resetWriteBufferLimits();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
      return lower().getWriteBufferLimits();
    }

    @Override
    public long getWriteBufferSize() {
      return lower().getWriteBufferSize();
    }

    @Override
    public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
      return lower().getExtraInfo(name, otherwise);
    }

    @Override
    public void setProtocol(BaseProtocol protocol) {
      if (!(Objects.requireNonNull(protocol, "protocol") instanceof StreamProtocol stream)) {
        throw new IllegalArgumentException("protocol: " + protocol + " is no stream protocol");
      }
      above = stream;
    }

    @Override
    public @Nullable BaseProtocol getProtocol() {
      return lost ? null : above;
    }

    @Override
    public String toString() {
      return "<transport over "
          + ProtocolLayer.this.getClass().getSimpleName()
          + " on "
          + below
          + ">";
    }
  }
}
