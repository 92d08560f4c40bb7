package asyncio.conformance;

import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.taskGroup;
import static asyncio.Asyncio.timeout;
import static asyncio.conformance.Turns.turn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.TimeoutException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Scopes around blocking calls of the JDK, which suspend a task on the direct engine only. */
class StuckTaskTest {

  @Test
  void cancelledChildThatNoInterruptReachesIsNamedAfterFiveSeconds() {
    Logger logger = Logger.getLogger("asyncio");
    List<String> records = new ArrayList<>();
    Handler collector =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(collector);
    try {
      OnLoop.run(
          Engine.DIRECT,
          loop -> {
            var permits = new Semaphore(0);
            long start = loop.time();
            assertThatThrownBy(() ->
                    taskGroup(tg -> {
                      tg.createTask(() -> permits.acquireUninterruptibly()).setName("stuck");
                      turn();
                      loop.callLater(seconds(4), () -> records.add("four seconds"));
                      loop.callLater(seconds(9), permits::release);
                      throw new IOException("body");
                    }))
                .isInstanceOf(ExceptionGroup.class);
            assertThat(loop.time() - start).isEqualTo(seconds(9).toNanos());
          });
    } finally {
      logger.removeHandler(collector);
    }
    assertThat(records).hasSize(2);
    assertThat(records.get(0)).isEqualTo("four seconds");
    assertThat(records.get(1))
        .contains("Task stuck was cancelled")
        .contains("acquireUninterruptibly");
  }

  @Test
  void timeoutEndsABlockingCall() {
    OnLoop.run(
        Engine.DIRECT,
        loop -> {
          var queue = new SynchronousQueue<String>();
          assertThatThrownBy(() -> timeout(seconds(1), () -> queue.take()))
              .isInstanceOf(TimeoutException.class)
              .cause()
              .isInstanceOf(CancelledError.class)
              .hasCauseInstanceOf(InterruptedException.class);
          assertThat(Thread.interrupted()).isFalse();
          turn();
        });
  }
}
