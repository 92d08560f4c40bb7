import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.inspect.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Watches a service from inside: what its loop has done, how late callbacks began, and what held
 * the loop.
 */
class Metrics {
  void main() {
    run(() -> {
      EventLoop loop = getRunningLoop();
      Server server = startServer(this::answer, "127.0.0.1", 0);
      try (Recording _ = loop.recordTimings();
          var _ = server.scope()) {
        LoopMetrics before = loop.metrics();
        askForALot((InetSocketAddress) server.sockets().getFirst().getsockname());
        loop.callSoon(this::reindex);
        sleep(millis(300));

        show(loop.metrics().since(before));
      }
    });
  }

  void answer(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (String line = reader.readUtf8Line(); line != null; line = reader.readUtf8Line()) {
        writer.writeUtf8("answer to " + line + "\n");
        writer.drain();
      }
    }
  }

  void askForALot(InetSocketAddress address) throws IOException {
    try (Streams streams = openConnection(address.getHostString(), address.getPort())) {
      for (int i = 0; i < 200; i++) {
        streams.writer().writeUtf8("question " + i + "\n");
        streams.reader().readUtf8Line();
      }
      TransportInfo.of(getRunningLoop())
          .forEach(each ->
              IO.println(each.kind() + ": sent " + each.sent() + ", received " + each.received()));
    }
  }

  /** Computes for too long: everything else waits. */
  void reindex() {
    long end = System.nanoTime() + 100_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  void show(LoopMetrics metrics) {
    IO.println("tasks: " + metrics.tasks());
    IO.println("transports: " + metrics.transports());
    IO.println("busy: " + Math.round(100 * metrics.utilisation()) + " %");
    LoopTimings timings = metrics.timings();
    Histogram lag = timings.lag();
    IO.println("callbacks: " + lag.count());
    IO.println("median lag: " + lag.quantile(0.5).toNanos() / 1000 + " us");
    IO.println("greatest lag: " + lag.max().toMillis() + " ms");
    SlowCallback slowest = timings.slowest().getFirst();
    IO.println("slowest: " + slowest.code() + ", " + slowest.took().toMillis() + " ms");
    CodeTime most = timings.byCode().getFirst();
    IO.println("most time: " + most.code() + ", " + most.total().toMillis() + " ms");
  }
}
