package asyncio.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.SelectorEventLoop;
import asyncio.monitor.Client.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Clients that send nonsense, too much, or nothing: each is bounded, and the next one is answered.
 */
class HostileClientsTest {
  private static final String GOOD = "GET /theme.js HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(200);

  private final ScriptedSource program = new ScriptedSource();
  private Monitor monitor;

  private void start(Limits limits) {
    monitor =
        Monitor.start(
            MonitorOptions.DEFAULT.withInterval(Duration.ofMillis(50)),
            limits,
            new SelectorEventLoop(),
            program);
  }

  private void start() {
    start(new Limits(20, 4, LONG, LONG));
  }

  @AfterEach
  void othersAreStillAnswered() throws Exception {
    try {
      assertThat(Client.ask(monitor, "GET /theme.js").status()).isEqualTo(200);
    } finally {
      monitor.close();
    }
  }

  private Answer answerTo(String bytes) throws IOException {
    try (Client client = new Client(monitor)) {
      client.send(bytes);
      return client.readAnswer();
    }
  }

  @Test
  void nonsenseIsAnsweredWithBadRequest() throws Exception {
    start();
    assertThat(answerTo("nonsense\r\n\r\n").status()).isEqualTo(400);
    assertThat(answerTo("GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n").status()).isEqualTo(400);
    assertThat(answerTo("GET / HTTP/1.1\r\nno colon here\r\n\r\n").status()).isEqualTo(400);
    assertThat(answerTo("GET /?a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n").status()).isEqualTo(400);
  }

  @Test
  void randomBytesEndTheConnection() throws Exception {
    start();
    Random random = new Random(7);
    for (int i = 0; i < 20; i++) {
      byte[] bytes = new byte[200];
      random.nextBytes(bytes);
      try (Client client = new Client(monitor)) {
        client.send(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1) + "\r\n\r\n");
        client.readAll();
      }
    }
  }

  @Test
  void hugeHeadsAreNotRead() throws Exception {
    start();
    String line = "x".repeat(RequestReader.MAX_LINE + 100);
    assertThat(answerTo("GET /" + line + " HTTP/1.1\r\n\r\n").status()).isEqualTo(431);
    assertThat(answerTo("GET / HTTP/1.1\r\nX: " + line + "\r\n\r\n").status()).isEqualTo(431);
    String many = "X: y\r\n".repeat(RequestReader.MAX_HEADERS + 1);
    assertThat(answerTo("GET / HTTP/1.1\r\n" + many + "\r\n").status()).isEqualTo(431);
  }

  @Test
  void hugeBodiesAreNotRead() throws Exception {
    start();
    String post = "POST /api/tasks HTTP/1.1\r\nHost: localhost\r\n";
    assertThat(answerTo(post + "Content-Length: 999999999999\r\n\r\n").status()).isEqualTo(413);
    assertThat(answerTo(post + "Content-Length: -1\r\n\r\n").status()).isEqualTo(400);
    assertThat(answerTo(post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(answerTo(post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status())
        .isEqualTo(411);
  }

  @Test
  void jsonThatIsNoneOrTooDeepIsRefused() throws Exception {
    start();
    String page = Client.ask(monitor, "GET /").body();
    String key = page.replaceAll("(?s).*asyncio-key\" content=\"([^\"]+)\".*", "$1");
    String[] headers = {"X-Asyncio-Monitor: " + key};
    for (String body :
        List.of("", "{", "[1]", "{\"open\":7}", "{\"open\":{\"a\":null}}", "[".repeat(100_000))) {
      assertThat(Client.ask(monitor, "POST /api/tasks", body, headers).status())
          .as(body.substring(0, Math.min(20, body.length())))
          .isEqualTo(400);
    }
    assertThat(Client.ask(monitor, "POST /api/tasks", "{}", headers).status()).isEqualTo(200);
    assertThat(Client.ask(monitor, "POST /api/cancel", "{}", headers).status()).isEqualTo(400);
  }

  @Test
  void clientThatDoesNotFinishItsRequestIsDropped() throws Exception {
    start(new Limits(20, 4, SHORT, LONG));
    try (Client silent = new Client(monitor);
        Client slow = new Client(monitor)) {
      slow.send("GET / HTTP/1.1\r\nHost: loc");
      assertThat(silent.readAll()).isEmpty();
      assertThat(slow.readAll()).isEmpty();
    }
  }

  @Test
  void connectionsAreCounted() throws Exception {
    start(new Limits(3, 4, LONG, LONG));
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Client client = new Client(monitor);
      client.send(GOOD);
      client.readUntil("}\n"); // it is being served
      clients.add(client);
    }
    try (Client late = new Client(monitor)) {
      assertThat(late.readAnswer().status()).isEqualTo(503);
    }
    for (Client client : clients) {
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(client.readAnswer().status()).isEqualTo(200);
      client.close();
    }
  }

  @Test
  void eventStreamsAreCounted() throws Exception {
    start(new Limits(20, 1, LONG, LONG));
    try (Client first = new Client(monitor)) {
      first.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(first.readUntil("data: ")).contains("text/event-stream");
      assertThat(Client.ask(monitor, "GET /events").status()).isEqualTo(503);
    }
  }

  @Test
  void viewerThatDoesNotReadIsDropped() throws Exception {
    program.padding = "x".repeat(1 << 20); // so that the buffers of the system are soon full
    start(new Limits(20, 1, LONG, SHORT));
    try (Client viewer = new Client(monitor)) {
      viewer.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      viewer.readUntil("data: ");
      // Only one stream is allowed, so that another one is served tells that this one is gone.
      for (int status = 503; status == 503; ) {
        try (Client next = new Client(monitor)) {
          next.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
          status = next.readUntil("\r\n").contains("200") ? 200 : 503;
        }
      }
    }
  }

  @Test
  void clientsThatLeaveInTheMiddleDisturbNobody() throws Exception {
    start(new Limits(100, 100, LONG, LONG));
    for (int i = 0; i < 30; i++) {
      try (Client client = new Client(monitor)) {
        client.send(i % 2 == 0 ? "GET / HT" : "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
      }
    }
  }

  @Test
  void requestsThatAreSentAtOnceAreAnsweredInOrder() throws Exception {
    start();
    try (Client client = new Client(monitor)) {
      client.send(
          "GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "HEAD /monitor.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(client.readAll())
          .containsSubsequence("200 OK", "image/svg+xml", "</svg>", "200 OK", "404 Not Found")
          .doesNotContain("EventSource");
    }
  }
}
