package asyncio.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A layer with the pause of PEP 3153, which stops a connection in both directions (spec STACK-9,
 * STACK-10): input is not delivered to the protocol above, and its output is held back.
 *
 * <pre>{@code
 * PausableLayer layer = new PausableLayer(protocol);
 * loop.createConnection(() -> layer, host, port);
 * layer.pause();
 * layer.resume();
 * }</pre>
 *
 * <p>Output that is held back counts as part of the write buffer, so the protocol is told to pause
 * writing when it is too much. {@code writeEof} waits for {@link #resume}; {@code close} does not:
 * it sends what was held back and ends; {@code abort} drops it.
 *
 * <p><b>Errors:</b> writing after {@code abort}, or after the connection is lost, throws {@link
 * IllegalStateException}, as that PEP has it; other transports drop what is written then.
 */
public final class PausableLayer extends ProtocolLayer {
  private final ArrayDeque<ByteBuffer> output = new ArrayDeque<>();
  private long kept;
  private boolean eofKept;
  private boolean paused;
  private boolean ended;

  /** Makes a layer for one connection, which is not paused. */
  public PausableLayer(StreamProtocol above) {
    super(above);
  }

  /** Stops both directions. Idempotent. */
  public void pause() {
    if (!paused) {
      holdInput(true);
      paused = true;
    }
  }

  /** Lets both directions go on: what was held back is sent, then what has come is delivered. */
  public void resume() {
    if (paused) {
      paused = false;
      flush();
      holdInput(false);
    }
  }

  /** Whether both directions are stopped. */
  public boolean isPaused() {
    return paused;
  }

  private void flush() {
    for (ByteBuffer data; (data = output.poll()) != null; ) {
      kept -= data.remaining();
      writeBelow(data);
    }
    if (eofKept) {
      eofKept = false;
      super.sendEof();
    }
    keptChanged();
  }

  @Override
  protected long kept() {
    return kept;
  }

  @Override
  public void connectionMade(Transport transport) throws Exception {
    if (paused) {
      transport.pauseReading(); // paused before it began
    }
    super.connectionMade(transport);
  }

  @Override
  protected void send(ByteBuffer data) {
    if (ended) {
      throw new IllegalStateException(
          "cannot write to " + transport() + ": it is aborted or lost; look at isClosing()");
    }
    if (eofKept) {
      throw new IllegalStateException("Cannot call write() after write_eof()");
    }
    if (paused) {
      ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
      output.add(copy);
      kept += copy.remaining();
      keptChanged();
    } else {
      writeBelow(data);
    }
  }

  @Override
  protected void sendEof() {
    if (paused) {
      eofKept = true;
    } else {
      super.sendEof();
    }
  }

  @Override
  protected void closeBelow() {
    eofKept = false; // the end of both directions comes anyway
    flush();
    super.closeBelow();
  }

  @Override
  protected void abortBelow() {
    ended = true;
    output.clear();
    kept = 0;
    super.abortBelow();
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    ended = true;
    output.clear();
    kept = 0;
    super.connectionLost(exception);
  }
}
