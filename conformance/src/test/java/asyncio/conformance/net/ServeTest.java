package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Loops;
import asyncio.conformance.Spec;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

class ServeTest {
  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"CONN-1", "SRV-1"})
  void aClientTalksWithAServer(Engine engine) throws Exception {
    Loops.with(
        engine,
        loop ->
            loop.runUntilComplete(() -> {
              var server = loop.createServer(Echo::new, "127.0.0.1", 0);
              try (var _ = server.scope()) {
                int port =
                    ((InetSocketAddress) server.sockets().getFirst().getsockname()).getPort();
                var done = loop.<@Nullable Void>createFuture();
                var connection =
                    loop.createConnection(
                        () ->
                            new Protocol() {
                              @Override
                              public void connectionMade(Transport transport) {
                                trail.add("made");
                                transport.write("hello".getBytes());
                              }

                              @Override
                              public void dataReceived(ByteBuffer data) {
                                trail.add(StandardCharsets.UTF_8.decode(data).toString());
                                done.setResult(null);
                              }
                            },
                        "127.0.0.1",
                        port);
                trail.add("connected");
                done.await();
                connection.transport().close();
              }
            }));
    assertThat(trail).containsExactly("made", "connected", "hello");
  }

  static final class Echo implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }
  }
}
