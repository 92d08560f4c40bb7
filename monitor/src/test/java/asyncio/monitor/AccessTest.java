package asyncio.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.SelectorEventLoop;
import asyncio.monitor.Client.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who may ask a monitor for what. */
class AccessTest {
  private static final String TOKEN = "a-secret-of-this-test";
  private static final MonitorOptions OPEN = MonitorOptions.DEFAULT;
  private static final MonitorOptions LOCKED = OPEN.withToken(TOKEN);

  private final ScriptedSource program = new ScriptedSource();
  private Monitor monitor;

  private void start(MonitorOptions options) {
    program.add("0x10", "main", "Main.main", "Main.java:3");
    monitor = Monitor.start(options, Limits.DEFAULT, new SelectorEventLoop(), program);
  }

  @AfterEach
  void close() {
    if (monitor != null) {
      monitor.close();
    }
  }

  private Answer get(String path, String... headers) throws IOException {
    return Client.ask(monitor, "GET " + path, headers);
  }

  private Answer post(String path, String body, String... headers) throws IOException {
    return Client.ask(monitor, "POST " + path, body, headers);
  }

  /** What the page has and sends where it changes something. */
  private String keyHeader(String... headers) throws IOException {
    Matcher key =
        Pattern.compile("name=\"asyncio-key\" content=\"([^\"]+)\"")
            .matcher(get("/", headers).body());
    assertThat(key.find()).isTrue();
    return "X-Asyncio-Monitor: " + key.group(1);
  }

  // ---- where

  @Test
  void pageIsServedOnLoopback() throws Exception {
    start(OPEN);
    assertThat(InetAddress.getByName(monitor.address().getHost()).isLoopbackAddress()).isTrue();
    assertThat(monitor.address().getQuery()).isNull();
    assertThat(get("/").status()).isEqualTo(200);
  }

  @Test
  void otherAddressesGetATokenUnasked() throws Exception {
    MonitorOptions anywhere = OPEN.withAddress(InetAddress.getByName("0.0.0.0"));
    assertThat(anywhere.token()).hasSizeGreaterThanOrEqualTo(32);
    assertThat(OPEN.withAddress(InetAddress.getByName("0.0.0.0")).token())
        .isNotEqualTo(anywhere.token());
    assertThat(OPEN.withAddress(InetAddress.getByName("127.0.0.1")).token()).isNull();
  }

  @Test
  void portThatIsTakenIsReportedWithTheRemedy() {
    start(OPEN);
    MonitorOptions taken = OPEN.withPort(monitor.address().getPort());
    assertThatThrownBy(() -> Monitor.start(taken))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("127.0.0.1")
        .hasMessageContaining("withPort(0)");
  }

  @Test
  void portIsFreeAgainAfterClosing() {
    start(OPEN);
    MonitorOptions same = OPEN.withPort(monitor.address().getPort());
    monitor.close();
    monitor.close();
    monitor = Monitor.start(same, Limits.DEFAULT, new SelectorEventLoop(), program);
    assertThat(monitor.address().getPort()).isEqualTo(same.port());
  }

  // ---- the token

  @Test
  void everyRequestNeedsTheToken() throws Exception {
    start(LOCKED);
    for (String path : List.of("/", "/monitor.js", "/events", "/nothing", "/api/tasks")) {
      Answer answer = get(path);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.body()).doesNotContain(TOKEN, "asyncio-key");
    }
    assertThat(post("/api/cancel", "{\"id\":\"0x10\"}").status()).isEqualTo(401);
    assertThat(program.cancelled).isEmpty();
  }

  @Test
  void wrongTokensAreRefused() throws Exception {
    start(LOCKED);
    assertThat(get("/?token=").status()).isEqualTo(401);
    assertThat(get("/?token=" + TOKEN + "x").status()).isEqualTo(401);
    assertThat(get("/", "Authorization: Bearer a-secret-of-that-test").status()).isEqualTo(401);
    assertThat(get("/", "Authorization: Basic " + TOKEN).status()).isEqualTo(401);
    assertThat(get("/", "Cookie: asyncio-monitor-1=" + TOKEN).status()).isEqualTo(401);
  }

  @Test
  void tokenIsTakenFromTheAddressTheHeaderOrTheCookie() throws Exception {
    start(LOCKED);
    assertThat(monitor.address().getQuery()).isEqualTo("token=" + TOKEN);
    Answer first = get("/?token=" + TOKEN);
    assertThat(first.status()).isEqualTo(200);
    String cookie = "asyncio-monitor-" + monitor.address().getPort() + "=" + TOKEN;
    assertThat(first.head())
        .contains("Set-Cookie: " + cookie + "; Path=/; HttpOnly; SameSite=Strict");
    assertThat(get("/", "Cookie: theme=dark; " + cookie).status()).isEqualTo(200);
    assertThat(get("/", "Authorization: Bearer " + TOKEN).status()).isEqualTo(200);
    assertThat(get("/", "Cookie: " + cookie).head()).doesNotContain("Set-Cookie");
  }

  @Test
  void tokenShowsInNoTextForm() throws Exception {
    start(LOCKED);
    assertThat(monitor.toString()).doesNotContain(TOKEN);
    assertThat(LOCKED.toString()).doesNotContain(TOKEN);
  }

  @Test
  void weakTokensAreRefused() {
    assertThatThrownBy(() -> OPEN.withToken("short"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("short,")
        .hasMessageContaining("withToken()");
    assertThatThrownBy(() -> OPEN.withToken("has spaces and is long enough"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- the host

  @Test
  void namesOfOthersAreRefusedAsHost() throws Exception {
    start(OPEN);
    for (String host :
        List.of(
            "evil.example", "evil.example:80", "localhost.evil.example", "1.2.3.4.example", "")) {
      assertThat(get("/", "Host: " + host).status()).as(host).isEqualTo(421);
      assertThat(get("/events", "Host: " + host).status()).as(host).isEqualTo(421);
    }
  }

  @Test
  void localhostAndAddressesInFiguresAreHostsOfOurs() throws Exception {
    start(OPEN);
    int port = monitor.address().getPort();
    for (String host :
        List.of(
            "localhost", "LocalHost:" + port, "127.0.0.1:" + port, "[::1]:" + port, "10.0.0.7")) {
      assertThat(get("/", "Host: " + host).status()).as(host).isEqualTo(200);
    }
  }

  @Test
  void furtherHostNamesAreAnsweredIfAskedFor() throws Exception {
    start(OPEN.withHostNames("Build.Example"));
    assertThat(get("/", "Host: build.example:8080").status()).isEqualTo(200);
    assertThat(get("/", "Host: other.example").status()).isEqualTo(421);
  }

  @Test
  void requestsWithoutAHostOrWithTwoAreRefused() throws Exception {
    start(OPEN);
    try (Client client = new Client(monitor)) {
      client.send("GET / HTTP/1.1\r\n\r\n");
      client.readUntil("HTTP/1.1 400 ");
    }
    assertThat(get("/", "Host: localhost", "Host: evil.example").status()).isEqualTo(400);
  }

  // ---- pages from elsewhere

  @Test
  void cancellingNeedsTheKeyOfThePage() throws Exception {
    start(OPEN);
    String body = "{\"id\":\"0x10\"}";
    assertThat(post("/api/cancel", body).status()).isEqualTo(403);
    assertThat(post("/api/cancel", body, "X-Asyncio-Monitor: guessed").status()).isEqualTo(403);
    assertThat(get("/api/cancel?id=0x10").status()).isEqualTo(405);
    assertThat(program.cancelled).isEmpty();
    assertThat(post("/api/cancel", body, keyHeader()).status()).isEqualTo(200);
    assertThat(program.cancelled).containsExactly("0x10");
  }

  @Test
  void everyMonitorHasAKeyOfItsOwn() throws Exception {
    start(OPEN);
    String first = keyHeader();
    monitor.close();
    start(OPEN);
    assertThat(post("/api/cancel", "{\"id\":\"0x10\"}", first).status()).isEqualTo(403);
  }

  @Test
  void requestsThatPagesFromElsewhereCauseAreRefused() throws Exception {
    start(OPEN);
    assertThat(get("/monitor.js", "Sec-Fetch-Site: cross-site").status()).isEqualTo(403);
    assertThat(get("/events", "Sec-Fetch-Site: same-site").status()).isEqualTo(403);
    assertThat(
            post("/api/cancel", "{\"id\":\"0x10\"}", keyHeader(), "Sec-Fetch-Site: cross-site")
                .status())
        .isEqualTo(403);
    assertThat(get("/", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate").status())
        .isEqualTo(200);
    assertThat(program.cancelled).isEmpty();
  }

  @Test
  void pageMayLoadNothingFromElsewhereAndNobodyMayFrameIt() throws Exception {
    start(OPEN);
    assertThat(get("/").head())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .contains("X-Frame-Options: DENY", "X-Content-Type-Options: nosniff")
        .contains("Cross-Origin-Resource-Policy: same-origin", "Referrer-Policy: no-referrer")
        .contains("Cache-Control: no-store")
        .doesNotContain("Access-Control-Allow-Origin");
  }

  // ---- what there is

  @Test
  void readOnlyMonitorCancelsNothing() throws Exception {
    start(OPEN.withReadOnly(true));
    Answer answer = post("/api/cancel", "{\"id\":\"0x10\"}", keyHeader());
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).contains("read-only");
    assertThat(program.cancelled).isEmpty();
  }

  @Test
  void taskThatHasEndedCannotBeCancelled() throws Exception {
    start(OPEN);
    Answer answer = post("/api/cancel", "{\"id\":\"0x99\"}", keyHeader());
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.body()).contains("0x99");
  }

  @Test
  void onlyThePagesFilesAreServed() throws Exception {
    start(OPEN);
    for (String path : List.of("/Monitor.class", "/../monitor.js", "/%2e%2e/monitor.js", "/api")) {
      assertThat(get(path).status()).as(path).isEqualTo(404);
    }
    assertThat(post("/monitor.js", "", keyHeader()).status()).isEqualTo(405);
  }
}
