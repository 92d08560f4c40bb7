package asyncio.net;

import asyncio.Asyncio;
import asyncio.ErrorContext;
import asyncio.internal.net.ReadingListener;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
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
 * told. Back-pressure passes through in both directions: while the upper protocol has paused its
 * reading, the transport below is paused, and what the layer delivers all the same is held. An
 * end-of-file and the loss of the connection are told after that.
 *
 * <p><b>Errors:</b> what the upper protocol throws from data or end-of-file passes through to the
 * transport below, which ends the connection as if the layer had thrown it.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public abstract class ProtocolLayer implements Protocol, ReadingListener {
  /*
   * What the upper protocol is told:
   *
   *   NEW ──ready()──▶ TOLD ──connectionLost, nothing is held──▶ FINISHED
   *    │                └──connectionLost──▶ LOST, some is held ──delivered or closed──▶ FINISHED
   *    └──connectionLost──▶ FINISHED, told nothing
   */
  private final Upper upper = new Upper();
  private StreamProtocol above;
  private @Nullable Transport below;
  private boolean told;
  private boolean lost;
  private boolean finished;
  private boolean released;
  private @Nullable Throwable lossCause;
  private boolean closedAbove;

  // input
  private final ArrayDeque<ByteBuffer> held = new ArrayDeque<>();
  private boolean delivering;
  private boolean pausedAbove;
  private boolean inputHeld;
  private boolean eofHeld;
  private boolean eofTold;

  // output
  private boolean fullBelow;
  private boolean fullHere;
  private boolean pausedWriting;

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

  private Transport lower() {
    Transport transport = below;
    if (transport == null) {
      throw new IllegalStateException(this + " is not connected yet; wait for connectionMade");
    }
    return transport;
  }

  // ---- what a layer does with what the upper protocol does

  /**
   * The upper protocol has written {@code data}, at least one byte, all of which is to be taken. At
   * first it is sent as it is.
   */
  protected void send(ByteBuffer data) {
    writeBelow(data);
  }

  /** The upper protocol has ended its output; at first the transport below ends, too. */
  protected void sendEof() {
    lower().writeEof();
  }

  /** The upper protocol has closed its transport; at first the transport below is closed. */
  protected void closeBelow() {
    lower().close();
  }

  /** The upper protocol has aborted its transport; at first the transport below is aborted. */
  protected void abortBelow() {
    lower().abort();
  }

  /**
   * What the layer knows under {@code name}; null for what it knows nothing of, as at first: then
   * the transport below is asked (spec STACK-6).
   */
  protected @Nullable Object extraInfo(String name) {
    return null;
  }

  /**
   * How many bytes of the upper protocol's output the layer itself keeps, at first none. They count
   * as part of the write buffer; after a change call {@link #keptChanged}.
   */
  protected long kept() {
    return 0;
  }

  /**
   * Whether the upper protocol is told of its connection as soon as the layer is, as at first. A
   * layer that has something to settle with the peer before calls {@link #ready} afterwards.
   */
  protected boolean isReadyAtOnce() {
    return true;
  }

  // ---- what a layer calls

  /** Writes to the transport below. */
  protected final void writeBelow(ByteBuffer data) {
    lower().write(data);
  }

  /** Tells the upper protocol that it is connected, and then what has come for it. */
  protected final void ready() throws Exception {
    if (!told && !finished) {
      told = true;
      above.connectionMade(upper);
      tellWriting();
      deliverHeld();
    }
  }

  /**
   * Hands bytes to the upper protocol; between position and limit, in an array of their own. They
   * are held while it is not connected or has paused its reading, and dropped once it has closed.
   */
  protected final void deliver(ByteBuffer data) throws Exception {
    if (!finished && !closedAbove && data.hasRemaining()) {
      held.add(data);
      deliverHeld();
    }
  }

  /** Stops, or lets go on, what comes for the upper protocol, whatever that wants itself. */
  protected final void holdInput(boolean hold) {
    inputHeld = hold;
    updateReading();
  }

  /** Says that {@link #kept} is another amount: the upper protocol is paused or resumed. */
  protected final void keptChanged() {
    Transport transport = below;
    if (transport == null) {
      return;
    }
    long kept = kept();
    long size = kept + transport.getWriteBufferSize();
    WriteBufferLimits limits = transport.getWriteBufferLimits();
    fullHere = kept > 0 && size > (fullHere ? limits.low() : limits.high());
    tellWriting();
  }

  // ---- what the transport below says

  @Override
  public void connectionMade(Transport transport) throws Exception {
    below = transport;
    if (isReadyAtOnce()) {
      ready();
    }
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
    if (!held.isEmpty()) {
      eofHeld = true;
      return true;
    }
    eofTold = true;
    return above.eofReceived();
  }

  @Override
  public void pauseWriting() {
    fullBelow = true;
    tellWriting();
  }

  @Override
  public void resumeWriting() {
    fullBelow = false;
    tellWriting();
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    if (lost) {
      return;
    }
    lost = true;
    lossCause = exception;
    if (!told || closedAbove || held.isEmpty()) {
      finish();
    } else if (mayDeliver()) {
      soonAfterLoss(); // the transport below was to say that reading is resumed
    }
  }

  /** Reading was resumed: what is held is delivered. Called by the transport below. */
  @Override
  public void readingResumed() throws Exception {
    deliverHeld();
    if (above instanceof ReadingListener listener && upper.isReading()) {
      listener.readingResumed();
    }
  }

  // ---- telling the upper protocol

  private boolean mayDeliver() {
    return told && !finished && !closedAbove && !pausedAbove && !inputHeld;
  }

  private void deliverHeld() throws Exception {
    if (delivering) {
      return; // the upper protocol has resumed reading: the loop below goes on
    }
    delivering = true;
    try {
      while (mayDeliver() && !held.isEmpty()) {
        ByteBuffer data = held.remove();
        hand(data);
        if (data.hasRemaining() && above instanceof BufferedProtocol) {
          held.addFirst(data); // paused in the middle
        }
      }
    } catch (Throwable t) {
      held.clear(); // it ends the connection
      throw t;
    } finally {
      delivering = false;
      if (closedAbove) {
        held.clear();
      }
    }
    if (held.isEmpty()) {
      tellTheEnd();
    }
  }

  private void hand(ByteBuffer data) throws Exception {
    switch (above) {
      case Protocol protocol -> protocol.dataReceived(data);
      case BufferedProtocol protocol -> {
        while (data.hasRemaining() && mayDeliver()) {
          ByteBuffer target = protocol.getBuffer(-1);
          checkBuffer(target);
          if (!mayDeliver()) {
            return; // closed or paused by getBuffer
          }
          int count = Math.min(target.remaining(), data.remaining());
          target.put(data.slice(data.position(), count));
          data.position(data.position() + count);
          protocol.bufferUpdated(count);
        }
      }
    }
  }

  @SuppressWarnings("NullAway") // a protocol may return null all the same
  private static void checkBuffer(ByteBuffer target) {
    if (target == null || !target.hasRemaining()) {
      throw new IllegalStateException(
          "get_buffer() returned an empty buffer: " + target + "; return one with room");
    }
    if (target.isReadOnly()) {
      throw new IllegalStateException(
          "get_buffer() returned a read-only buffer: " + target + "; return one to be filled");
    }
  }

  /** What had to wait for the last bytes. */
  private void tellTheEnd() throws Exception {
    if (eofHeld && mayDeliver()) {
      eofHeld = false;
      eofTold = true;
      if (!above.eofReceived()) {
        closeBelow();
      }
    }
    if (lost && !finished) {
      finish();
    }
  }

  private void finish() throws Exception {
    if (!finished) {
      finished = true;
      held.clear();
      try {
        if (told) {
          above.connectionLost(lossCause);
        }
      } finally {
        released = true;
      }
    }
  }

  /** Failures are reported and change nothing, as those of the same calls by other transports. */
  private void tellWriting() {
    boolean full = fullBelow || fullHere;
    if (told && !finished && full != pausedWriting) {
      pausedWriting = full;
      try {
        if (full) {
          above.pauseWriting();
        } else {
          above.resumeWriting();
        }
      } catch (Exception | AssertionError | StackOverflowError e) {
        report(full ? "protocol.pause_writing() failed" : "protocol.resume_writing() failed", e);
      }
    }
  }

  private void updateReading() {
    Transport transport = below;
    if (transport == null) {
      return;
    }
    if (pausedAbove || inputHeld) {
      transport.pauseReading();
    } else if (lost) {
      soonAfterLoss(); // the transport below says nothing any more
    } else {
      transport.resumeReading();
    }
  }

  /** The upper protocol takes what is held, or wants none of it: the end can be told. */
  private void soonAfterLoss() {
    if (!finished) {
      Asyncio.getRunningLoop().callSoon(this::deliverAfterLoss);
    }
  }

  private void deliverAfterLoss() {
    try {
      try {
        deliverHeld();
      } catch (Exception e) {
        report("protocol.data_received() failed", e);
        finish();
      }
    } catch (Exception e) {
      report("protocol.connection_lost() failed", e);
    }
  }

  private void report(String message, Throwable t) {
    Asyncio.getRunningLoop()
        .callExceptionHandler(
            new ErrorContext(message)
                .with(ErrorContext.EXCEPTION, t)
                .with(ErrorContext.TRANSPORT, upper)
                .with(ErrorContext.PROTOCOL, above));
  }

  /** The transport for the protocol above. */
  private final class Upper implements Transport {

    @Override
    public void write(ByteBuffer data) {
      if (data.hasRemaining()) {
        send(data);
      } else {
        writeBelow(data); // which may refuse it
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
      closed();
    }

    @Override
    public void abort() {
      abortBelow();
      closed();
    }

    private void closed() {
      closedAbove = true;
      held.clear();
      if (lost) {
        soonAfterLoss();
      }
    }

    @Override
    public boolean isClosing() {
      return closedAbove || lower().isClosing();
    }

    @Override
    public boolean isReading() {
      if (pausedAbove || inputHeld || closedAbove || finished) {
        return false;
      }
      return delivering || !held.isEmpty() || !lower().isClosing();
    }

    @Override
    public void pauseReading() {
      lower().pauseReading();
      pausedAbove = !closedAbove;
    }

    @Override
    public void resumeReading() {
      if (pausedAbove) {
        pausedAbove = false;
        updateReading();
      } else {
        lower(); // is there one?
      }
    }

    @Override
    public void setWriteBufferLimits(int low, int high) {
      lower().setWriteBufferLimits(low, high);
      keptChanged();
    }

    @Override
    public void resetWriteBufferLimits() {
      lower().resetWriteBufferLimits();
      keptChanged();
    }

    @Override
    public WriteBufferLimits getWriteBufferLimits() {
      return lower().getWriteBufferLimits();
    }

    @Override
    public long getWriteBufferSize() {
      return lower().getWriteBufferSize() + kept();
    }

    @Override
    public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
      Object known = extraInfo(name);
      return known != null ? known : lower().getExtraInfo(name, otherwise);
    }

    @Override
    public void setProtocol(BaseProtocol protocol) {
      if (!(Objects.requireNonNull(protocol, "protocol") instanceof StreamProtocol stream)) {
        throw new IllegalArgumentException(
            "protocol: "
                + protocol
                + " is no Protocol or BufferedProtocol; "
                + this
                + " needs one");
      }
      above = stream;
    }

    @Override
    public @Nullable BaseProtocol getProtocol() {
      return released ? null : above;
    }

    @Override
    public String toString() {
      return "<transport of "
          + ProtocolLayer.this.getClass().getSimpleName()
          + " on "
          + below
          + ">";
    }
  }
}
