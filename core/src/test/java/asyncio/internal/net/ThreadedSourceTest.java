package asyncio.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.SelectorEventLoop;
import asyncio.net.Protocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread has read for a transport that was closed meanwhile. */
@Timeout(30)
class ThreadedSourceTest {
  private final CountDownLatch reading = new CountDownLatch(1);
  private final BlockingQueue<byte[]> typed = new LinkedBlockingQueue<>();
  private final Semaphore taken = new Semaphore(0);
  private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();

  /** A stream whose reads cannot be ended. */
  private final ThreadedSource.Returning stubborn =
      new ThreadedSource.Returning() {
        @Override
        public int read(ByteBuffer target) throws IOException {
          return read(target, () -> true);
        }

        @Override
        public int read(ByteBuffer target, BooleanSupplier wanted) throws IOException {
          reading.countDown();
          byte[] bytes;
          try {
            bytes = typed.take();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          target.put(bytes);
          taken.release();
          if (!wanted.getAsBoolean()) {
            unread(target.duplicate().position(0).limit(bytes.length));
            throw new ClosedChannelException();
          }
          return bytes.length;
        }

        @Override
        public void unread(ByteBuffer bytes) {
          byte[] copy = new byte[bytes.remaining()];
          bytes.get(copy);
          unread.add(new String(copy));
        }

        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public void close() {}
      };

  @Test
  void bytesThatComeAfterTheCloseAreGivenBack() throws Exception {
    var loop = new SelectorEventLoop();
    loop.runUntilComplete(() -> {
      var pipe = loop.connectReadPipe(() -> new Protocol() {}, stubborn);
      loop.runInExecutor(null, () -> assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue())
          .await();
      pipe.transport().close();
    });
    loop.close();
    typed.add("late".getBytes());
    assertThat(unread.poll(20, TimeUnit.SECONDS)).isEqualTo("late");
  }

  @Test
  void bytesThatCameAndWereNotDeliveredAreGivenBack() throws Exception {
    var loop = new SelectorEventLoop();
    loop.runUntilComplete(() -> {
      var first = loop.createFuture();
      var pipe =
          loop.connectReadPipe(
              () ->
                  new Protocol() {
                    @Override
                    public void dataReceived(ByteBuffer data) {
                      first.setResult(null);
                    }
                  },
              stubborn);
      typed.add("delivered".getBytes());
      first.await();
      pipe.transport().pauseReading();
      typed.add("not delivered".getBytes());
      loop.runInExecutor(null, () -> taken.acquire(2)).await(); // else nobody has read them
      pipe.transport().close();
    });
    loop.close();
    assertThat(unread.poll(20, TimeUnit.SECONDS)).isEqualTo("not delivered");
    assertThat(unread).isEmpty();
  }
}
