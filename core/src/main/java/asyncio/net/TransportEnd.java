package asyncio.net;

import asyncio.Asyncio;
import asyncio.EventLoop;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The protocol that makes a consumer and a producer of a stream transport: what is written into
 * {@link #consumer} is sent, what is received comes out of {@link #producer} (spec PC-12).
 *
 * <p>Two of them make a relay (spec PC-13):
 *
 * <pre>{@code
 * client.consumer().register(server.producer());
 * server.consumer().register(client.producer());
 * }</pre>
 *
 * <p>The order is kept, nothing is lost, no more is held than the high mark and one read, and the
 * end-of-file of one side becomes that of the other. Reading begins when the producer is
 * registered.
 */
public final class TransportEnd implements Protocol {
  private final Output output;
  private final Input input = new Input();
  private @Nullable Transport transport;
  private boolean inputEnded;
  private boolean outputEnded;

  /** On the running or current loop. */
  public TransportEnd() {
    this(Asyncio.getEventLoop());
  }

  public TransportEnd(EventLoop loop) {
    output = new Output(loop);
  }

  /** The writing side. */
  public Consumer consumer() {
    return output;
  }

  /** The reading side. */
  public Producer producer() {
    return input;
  }

  /** The transport; null before the connection is made. */
  public @Nullable Transport transport() {
    return transport;
  }

  // ---- what the transport says

  @Override
  public void connectionMade(Transport transport) {
    this.transport = transport;
    if (!input.maySend()) {
      transport.pauseReading();
    }
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    input.send(data);
  }

  @Override
  public boolean eofReceived() {
    inputEnded = true;
    input.finishWithEof();
    closeIfBothEnded();
    return !outputEnded; // the other direction may go on
  }

  @Override
  public void pauseWriting() {
    output.becameFull();
  }

  @Override
  public void resumeWriting() {
    output.becameDrained();
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) {
    output.becameClosed();
    if (exception == null) {
      input.finishWithEof();
    } else {
      input.abortConsumer();
    }
  }

  private void closeIfBothEnded() {
    Transport open = transport;
    if (inputEnded && outputEnded && open != null) {
      open.close();
    }
  }

  /** The writing side. */
  private final class Output extends BaseConsumer {
    Output(EventLoop loop) {
      super(loop);
    }

    @Override
    public void write(ByteBuffer data) {
      Transport open = transport;
      if (open == null || isClosed() || outputEnded) {
        data.position(data.limit());
      } else {
        open.write(data);
      }
    }

    @Override
    public void writeEof() {
      Transport open = transport;
      if (open == null || outputEnded) {
        return;
      }
      outputEnded = true;
      if (inputEnded || !open.canWriteEof()) {
        open.close();
      } else {
        open.writeEof();
      }
    }

    /** Ends the connection at once: what it was to send is not complete. */
    void abort() {
      Transport open = transport;
      if (open != null) {
        open.abort();
      }
    }
  }

  /** The reading side. */
  private final class Input extends BaseProducer {
    private @Nullable Consumer target;

    @Override
    public void halfRegister(Consumer consumer) {
      target = consumer;
      super.halfRegister(consumer);
      Transport open = transport;
      if (open != null) {
        open.resumeReading();
      }
    }

    @Override
    protected void paused() {
      Transport open = transport;
      if (open != null) {
        open.pauseReading();
      }
    }

    @Override
    protected void resumed() {
      Transport open = transport;
      if (open != null) {
        open.resumeReading();
      }
    }

    @Override
    protected void stopped() {
      Transport open = transport;
      if (open != null) {
        open.abort();
      }
    }

    /** The connection has failed: what was sent from it to another one is not complete. */
    void abortConsumer() {
      finish();
      if (target instanceof Output other) {
        other.abort();
      }
    }
  }
}
