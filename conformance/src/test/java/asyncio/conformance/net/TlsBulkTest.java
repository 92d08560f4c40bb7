package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Future;
import asyncio.conformance.Spec;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import asyncio.testkit.LoopTest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** Much data over TLS on real sockets. */
@Tag("slow")
class TlsBulkTest {
  private static final long COUNT = 100L << 20;
  private static final int PIECE = 250_007;

  /** Sends as fast as it may and checks what comes. */
  private static final class Pump implements Protocol {
    private final Future<@Nullable Void> over = getRunningLoop().createFuture();
    private @Nullable Transport transport;
    private boolean isPaused;
    private long sent;
    private long received;
    private int pauses;

    @Override
    public void connectionMade(Transport made) {
      transport = made;
      send();
    }

    private void send() {
      while (!isPaused && sent < COUNT) {
        int size = (int) Math.min(COUNT - sent, PIECE);
        transport.write(Payload.part(sent, size));
        sent += size;
      }
    }

    @Override
    public void pauseWriting() {
      isPaused = true;
      pauses++;
    }

    @Override
    public void resumeWriting() {
      isPaused = false;
      send();
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      received = Payload.checkPart(received, data);
      if (received == COUNT) {
        over.setResult(null);
      }
    }
  }

  @LoopTest(realTime = true, timeout = 60)
  @Spec({"TLS-17", "TLS-19"})
  void hundredMegabytesInBothDirectionsArriveInOrder() throws Exception {
    var loop = getRunningLoop();
    Pump near = new Pump();
    Pump far = new Pump();
    var server = loop.createServer(() -> near, "127.0.0.1", 0, Tls.serving());
    try (var _ = server.scope()) {
      int port = ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
      var client = loop.createConnection(() -> far, "127.0.0.1", port, Tls.connecting());
      for (Pump each : List.of(near, far)) {
        await(each.over);
        assertThat(each.received).isEqualTo(COUNT);
        assertThat(each.pauses).isPositive();
      }
      client.transport().close();
    }
  }
}
