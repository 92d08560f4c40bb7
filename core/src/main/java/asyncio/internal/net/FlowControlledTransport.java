package asyncio.internal.net;

import asyncio.ErrorContext;
import asyncio.internal.loop.IoHost;
import asyncio.net.BaseProtocol;
import asyncio.net.BaseTransport;
import asyncio.net.WriteBufferLimits;
import org.jspecify.annotations.Nullable;

/**
 * The marks of a transport, and telling its protocol when they are crossed (spec FLOW-1 to
 * FLOW-15).
 *
 * <p><b>Order:</b> {@code pauseWriting} and {@code resumeWriting} alternate, beginning with the
 * former.
 */
abstract class FlowControlledTransport implements BaseTransport {
  final IoHost host;
  private WriteBufferLimits limits;
  private boolean writingPaused;

  FlowControlledTransport(IoHost host, WriteBufferLimits limits) {
    this.host = host;
    this.limits = limits;
  }

  /** The protocol that is told; null once it hears nothing more. */
  @Override
  public abstract @Nullable BaseProtocol getProtocol();

  /** How many bytes are kept. */
  abstract long bufferSize();

  /** The marks that hold unless others are set. */
  abstract WriteBufferLimits defaultLimits();

  /** The marks are others now. */
  void limitsChanged() {}

  /** Has everything sent that could be, but only waits for the end of the iteration. */
  void settle() {}

  public final void setWriteBufferLimits(int low, int high) {
    setLimits(new WriteBufferLimits(low, high));
  }

  public final void resetWriteBufferLimits() {
    setLimits(defaultLimits());
  }

  private void setLimits(WriteBufferLimits set) {
    host.checkOnLoop("setWriteBufferLimits");
    settle();
    limits = set;
    limitsChanged();
    pauseIfFull();
  }

  public final WriteBufferLimits getWriteBufferLimits() {
    return limits;
  }

  public final int highMark() {
    return limits.high();
  }

  public final boolean isWritingPaused() {
    return writingPaused;
  }

  /** The protocol was paused, or not, by the transport whose place this one takes. */
  final void continuePause(boolean paused) {
    writingPaused = paused;
  }

  /** To be called when something was added to what is kept. */
  final void pauseIfFull() {
    if (writingPaused || !isAboveHighMark(bufferSize(), limits.high())) {
      return;
    }
    BaseProtocol protocol = getProtocol();
    if (protocol == null) {
      return;
    }
    writingPaused = true;
    try {
      protocol.pauseWriting();
    } catch (Throwable t) {
      reportCall("protocol.pause_writing() failed", t, protocol);
    }
  }

  /** To be called when something of what is kept was sent. */
  final void resumeIfDrained() {
    if (!writingPaused || bufferSize() > limits.low()) {
      return;
    }
    BaseProtocol protocol = getProtocol();
    if (protocol == null) {
      return;
    }
    writingPaused = false;
    try {
      protocol.resumeWriting();
    } catch (Throwable t) {
      reportCall("protocol.resume_writing() failed", t, protocol);
    }
  }

  /** Whether so much is too much: more than the mark, for plain transports. */
  boolean isAboveHighMark(long size, int high) {
    return size > high;
  }

  /** Reports what a method of the protocol threw, which changes nothing else. */
  final void reportCall(String message, Throwable t, BaseProtocol protocol) {
    if (host.isExit(t)) {
      throw Sneaky.rethrow(t);
    }
    report(message, t, protocol);
  }

  /** Reports something about this transport to the loop's exception handler. */
  final void report(String message, Throwable t, @Nullable BaseProtocol protocol) {
    host.loop()
        .callExceptionHandler(
            new ErrorContext(message)
                .with(ErrorContext.EXCEPTION, t)
                .with(ErrorContext.TRANSPORT, this)
                .with(ErrorContext.PROTOCOL, protocol));
  }
}
