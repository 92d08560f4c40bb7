package asyncio;

import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.internal.loop.Traffic;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A loop as its transports see it. */
final class LoopIo implements IoHost {
  private static final int BUFFER_SIZE = 256 * 1024;

  static {
    // A process without descriptors cannot load classes from a class path any more, and has to
    // report just that.
    for (Class<?> needed :
        new Class<?>[] {
          Durations.class, Reports.class, Throwables.class, Unretrieved.Remains.class
        }) {
      Objects.requireNonNull(needed);
    }
  }

  private final ChannelEventLoop loop;
  private final IoPoller poller;
  private @Nullable ByteBuffer readBuffer;
  private @Nullable ByteBuffer writeBuffer;

  LoopIo(ChannelEventLoop loop, IoPoller poller) {
    this.loop = loop;
    this.poller = poller;
  }

  @Override
  public AbstractEventLoop loop() {
    return loop;
  }

  @Override
  public IoPoller poller() {
    return poller;
  }

  @Override
  public SelectorProvider provider() {
    return loop.selectorProvider();
  }

  @Override
  public Traffic traffic() {
    return loop.counters.traffic;
  }

  @Override
  public boolean isExit(Throwable t) {
    return Throwables.isExit(t);
  }

  @Override
  public void checkMayWait(String method) {
    TaskStepper.currentOrThrow(method + "()");
    loop.checkSchedulable(method, "runCoroutineThreadsafe");
  }

  @Override
  public void checkThread(String method) {
    loop.checkSchedulable(method, "callSoonThreadsafe");
  }

  @Override
  public void checkOnLoop(String method) {
    loop.checkOnLoop(method, "callSoonThreadsafe");
  }

  @Override
  public void log(Level level, String message, @Nullable Throwable thrown) {
    Reports.inOwnTask(loop, () -> AbstractEventLoop.LOGGER.log(level, message, thrown));
  }

  @Override
  public Object captureContext() {
    return Context.currentBindings();
  }

  @Override
  public IoCallback callback(Object context, Runnable body) {
    return new IoHandle(loop, context, body);
  }

  @Override
  public void callSoon(Object context, Runnable body) {
    loop.checkSchedulable("callSoon", "callSoonThreadsafe");
    loop.enqueue(new Handle(loop, context, body));
  }

  @Override
  public void takeArrivals() {
    loop.takeArrivals();
  }

  @Override
  public void callFromAnywhere(Runnable body, Runnable ifClosed) {
    loop.enqueueFromAnywhere(new IoArrival(loop, body, ifClosed));
  }

  @Override
  public long iteration() {
    return loop.iteration;
  }

  @Override
  public void atEndOfIteration(Runnable work) {
    if (loop.iteration != 0) {
      loop.endOfIteration.add(work);
    } else {
      loop.enqueue(new Handle(loop, null, work));
    }
  }

  @Override
  public ByteBuffer readBuffer() {
    ByteBuffer buffer = readBuffer;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
      readBuffer = buffer;
    }
    return buffer.clear();
  }

  @Override
  public ByteBuffer writeBuffer() {
    ByteBuffer buffer = writeBuffer;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(BUFFER_SIZE);
      writeBuffer = buffer;
    }
    return buffer.clear();
  }
}
