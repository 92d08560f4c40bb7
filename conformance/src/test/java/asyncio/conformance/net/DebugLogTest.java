package asyncio.conformance.net;

import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.EventLoop;
import asyncio.conformance.LogCapture;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.Protocol;
import asyncio.testkit.LoopTest;
import java.io.IOException;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;

/** What debug mode writes into the log about connections. */
class DebugLogTest {
  private final LogCapture log = new LogCapture();

  @AfterEach
  void endCapture() {
    log.close();
  }

  private static final class Silent implements Protocol {
    @Override
    public String toString() {
      return "a silent protocol";
    }
  }

  @LoopTest
  void connectionIsFollowedFromTheServerToItsEnd(EventLoop loop) throws IOException {
    switchOn(loop);
    connectPauseAndEnd(loop);
    List<String> texts =
        log.records().stream().map(each -> each.getLevel() + " " + each.getMessage()).toList();
    assertThat(texts)
        .satisfiesExactly(
            text -> assertThat(text).matches("INFO <Server sockets=.*> is serving"),
            text -> assertThat(text).matches("FINE <Server sockets=.*> got a new connection: .*"),
            text ->
                assertThat(text)
                    .matches("FINE <.*> connected to 10.0.0.1:80, for a silent protocol"),
            text -> assertThat(text).matches("FINE <.*> pauses reading"),
            text -> assertThat(text).matches("FINE <.*> resumes reading"),
            text -> assertThat(text).matches("FINE <.*> received the end of file"));
  }

  @LoopTest
  void nothingIsWrittenOutsideDebugMode(EventLoop loop) throws IOException {
    loop.setDebug(false);
    connectPauseAndEnd(loop);
    assertThat(log.records()).isEmpty();
  }

  private static void switchOn(EventLoop loop) {
    loop.setDebug(true);
    loop.setSlowCallbackDuration(seconds(3600)); // on a busy machine everything is slow
  }

  private static void connectPauseAndEnd(EventLoop loop) throws IOException {
    try (var _ = loop.createServer(Silent::new, "10.0.0.1", 80).scope()) {
      Connection<Silent> connection =
          loop.createConnection(Silent::new, "10.0.0.1", 80, ConnectOptions.DEFAULT);
      connection.transport().pauseReading();
      connection.transport().pauseReading();
      connection.transport().resumeReading();
      sleep(seconds(1));
      connection.transport().close();
      sleep(seconds(1));
    }
  }

  @LoopTest
  void datagramEndpointIsAnnounced(EventLoop loop) throws IOException {
    switchOn(loop);
    var endpoint =
        loop.createDatagramEndpoint(
            () ->
                new DatagramProtocol() {
                  @Override
                  public String toString() {
                    return "a deaf protocol";
                  }
                },
            DatagramOptions.local("10.0.0.1", 53));
    endpoint.transport().close();
    sleep(seconds(1));
    assertThat(log.texts(Level.INFO))
        .singleElement()
        .asString()
        .matches("datagram endpoint created: <.*>, for a deaf protocol");
  }
}
