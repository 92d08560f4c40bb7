package asyncio.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.SelectorEventLoop;
import asyncio.monitor.Look.ConnectionLook;
import asyncio.monitor.Look.SlowLook;
import asyncio.monitor.Look.StallLook;
import asyncio.monitor.Look.TaskLink;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page in a real browser, on a program that is made up. */
class PageTest {
  private static final Path PICTURES = Path.of("target", "pictures");

  private static Browser browser;

  private final ScriptedSource program = new ScriptedSource();
  private Monitor monitor;

  @BeforeAll
  static void startBrowser() throws Exception {
    browser = Browser.start();
  }

  @AfterAll
  static void closeBrowser() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private void open(MonitorOptions options) {
    monitor =
        Monitor.start(
            options.withInterval(Duration.ofMillis(100)),
            Limits.DEFAULT,
            new SelectorEventLoop(),
            program);
    browser.open(monitor.address());
    browser.await("document.getElementById('status').dataset.state === 'live'");
  }

  @BeforeEach
  void reset() {
    browser.reset();
  }

  @AfterEach
  void close() {
    browser.open(URI.create("about:blank"));
    if (monitor != null) {
      monitor.close();
    }
  }

  private void addService() {
    TaskNode main = program.add("0x10", "main", "Monitored.main", "Monitored.java:18");
    TaskNode server = program.add("0x11", "server", "Monitored.serve", "Monitored.java:24");
    main.addAwaited(server);
    for (int i = 0; i < 240; i++) {
      TaskNode handler =
          program.add(
              "0x" + Integer.toHexString(0x100 + i),
              "handler-" + i,
              "Monitored.handle",
              "Monitored.java:42",
              i % 5 == 0
                  ? ScriptedSource.wait("lock", "Lock@1b2c3d, held by 'handler-3' (0x103)")
                  : ScriptedSource.wait("stream read", "read from /127.0.0.1:" + (40_000 + i)));
      server.addAwaited(handler);
    }
    program.add(
        "0x2f",
        "transfer-a",
        "Monitored.transfer",
        "Monitored.java:61",
        ScriptedSource.wait("lock", "Lock@1b2c3d"));
    program.add(
        "0x30",
        "transfer-b",
        "Monitored.transfer",
        "Monitored.java:61",
        ScriptedSource.wait("lock", "Lock@4e5f60"));
    program.tasks.get("0x2f").isInCycle = true;
    program.tasks.get("0x30").isInCycle = true;
    program.cycles.add(ScriptedSource.deadlock());
    for (int i = 0; i < 12; i++) {
      program.connections.add(
          new ConnectionLook(
              "0x1",
              "socket 127.0.0.1:8080 ↔ 10.0.0." + i + ":" + (40_000 + i),
              i == 0 ? "waits for the other end to read" : "open",
              "StreamReaderProtocol",
              i == 0 ? 62_000 : i * 900,
              65_536,
              123_456L * i,
              9_876_543L * i));
    }
    addStall(1, true, 1_834);
    program.slow.add(
        new SlowLook(
            "task 'report' (0x12)",
            1_834,
            System.currentTimeMillis(),
            List.of("Shop.report(Shop.java:12)")));
    program.lag = 12;
  }

  private void addStall(long id, boolean over, double duration) {
    program.stalls.add(
        new StallLook(
            id,
            "0x1",
            System.currentTimeMillis() - 2_000,
            duration,
            over,
            "Task 'report' held the loop at Monitored.report(Monitored.java:77)",
            new TaskLink("0x10", "main"),
            List.of("awaited by 'main'"),
            List.of(
                "java.lang.Thread.sleep(Thread.java:540)",
                "Monitored.report(Monitored.java:77)",
                "Monitored.lambda$main$2(Monitored.java:21)")));
  }

  private static String row(String label) {
    return "[...document.querySelectorAll('#tree tbody tr')].find(row =>"
        + " row.querySelector('.label')?.textContent === "
        + Browser.quoted(label)
        + ")";
  }

  private static void awaitRow(String label) {
    browser.await(row(label));
  }

  /** Opens or chooses, as a click on the row does. */
  private static void clickRow(String label, String part) {
    awaitRow(label);
    browser.get(row(label) + ".querySelector(" + Browser.quoted(part) + ").click()");
  }

  @Test
  void treeUnfoldsFromWhoAwaitsToWhatIsAwaited() throws Exception {
    addService();
    open(MonitorOptions.DEFAULT);
    clickRow("main", ".twisty");
    clickRow("server", ".twisty");
    awaitRow("Monitored.handle");
    assertThat(browser.text(row("Monitored.handle") + ".innerText"))
        .contains("×\u202f240")
        .contains("192 stream read")
        .contains("48 lock");
    assertThat(browser.text(row("server") + ".getAttribute('aria-expanded')")).isEqualTo("true");
    assertThat(browser.number("+" + row("Monitored.handle") + ".getAttribute('aria-level')"))
        .isEqualTo(3);
    clickRow("main", ".twisty");
    browser.await("!" + row("server"));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void groupIsTurnedPageByPage() {
    addService();
    open(MonitorOptions.DEFAULT);
    browser.click("#as-code");
    clickRow("Monitored.handle", ".label");
    awaitRow("handler-49");
    assertThat(browser.text("document.querySelector('.pages').innerText")).contains("1–50 of 240");
    browser.get("document.querySelector('.pages [aria-label=\"Next page\"]').click()");
    awaitRow("handler-50");
    browser.await("!" + row("handler-49"));
  }

  @Test
  void searchShowsTheTasksThatMentionIt() {
    addService();
    open(MonitorOptions.DEFAULT);
    awaitRow("main");
    browser.get("document.getElementById('tasks-search').focus()");
    browser.type("handler-17"); // and handler-170 to handler-179
    browser.await("document.querySelector('#tree .times')?.textContent === '×\u202f11'");
    browser.type("5");
    awaitRow("handler-175");
    browser.type("nothing like it");
    browser.await("document.getElementById('tasks-note').textContent.includes('No task')");
  }

  @Test
  void panelShowsWhereATaskIsAndItsButtonCancelsIt() throws Exception {
    addService();
    open(MonitorOptions.DEFAULT);
    clickRow("main", ".label");
    browser.await("document.querySelector('#detail pre')");
    assertThat(browser.text("document.getElementById('detail').innerText"))
        .contains("main", "0x10", "Monitored.handle(Monitored.java:42)");
    browser.click("#detail-cancel");
    browser.await("document.getElementById('confirm').open");
    assertThat(browser.text("document.getElementById('confirm-text').textContent"))
        .contains("main", "0x10");
    browser.click("#confirm button[value='no']");
    browser.await("!document.getElementById('confirm').open");
    assertThat(program.cancelled).isEmpty();
    browser.click("#detail-cancel");
    browser.await("document.getElementById('confirm').open");
    browser.click("#confirm-yes");
    browser.await("document.getElementById('toast').textContent.includes('main')");
    assertThat(program.cancelled).containsExactly("0x10");
    browser.await("document.getElementById('detail').innerText.includes('has ended')");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void chartsGetAPointWithEachLook() {
    open(MonitorOptions.DEFAULT);
    browser.await("+document.querySelector('#lag-chart .line').dataset.points >= 3");
    program.lag = 4321;
    browser.await("document.getElementById('lag-now').textContent.includes('highest 4.3 s')");
    browser.await(
        "document.querySelector('#lag-chart svg').getAttribute('aria-label').includes('4.3 s')");
    browser.await("document.querySelector('.card.bad .big').textContent === '4.3 s'");
    browser.get("document.querySelector('#lag-chart svg').focus()");
    browser.key("ArrowLeft");
    browser.await("!document.querySelector('#lag-chart .tip').hidden");
  }

  @Test
  void chartHasItsHistoryAlsoForAPageThatComesLater() throws Exception {
    open(MonitorOptions.DEFAULT);
    browser.await("+document.querySelector('#lag-chart .line').dataset.points >= 5");
    browser.open(monitor.address());
    browser.await("+document.querySelector('#lag-chart .line').dataset.points >= 5");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void slowCallbackUnfoldsToItsStackAndStaysOpen() {
    addService();
    open(MonitorOptions.DEFAULT);
    browser.click("#tab-slow");
    browser.await("document.querySelector('#slow summary')");
    browser.click("#slow summary");
    browser.await("document.querySelector('#slow details').open");
    browser.get("window.former = document.querySelector('#slow details')");
    browser.await("document.querySelector('#slow details') !== window.former"); // it was drawn anew
    browser.await("document.querySelector('#slow details').open");
    assertThat(browser.text("document.getElementById('slow').innerText"))
        .contains("Shop.report(Shop.java:12)");
  }

  @Test
  void stallShowsUpWithItsStack() {
    open(MonitorOptions.DEFAULT);
    browser.click("#tab-stalls");
    browser.await("document.querySelector('#stalls .empty')");
    addStall(1, false, 1_100);
    browser.await("document.querySelector('#stalls pre')");
    assertThat(browser.text("document.getElementById('stalls').innerText"))
        .contains("1.1 s…", "Monitored.report(Monitored.java:77)");
    program.stalls.clear();
    addStall(1, true, 2_400);
    addStall(2, true, 1_500);
    browser.await("document.querySelectorAll('#stalls li').length === 2");
    assertThat(browser.text("document.getElementById('stalls').innerText"))
        .containsSubsequence("1.5 s", "2.4 s")
        .doesNotContain("…");
    assertThat(browser.text("document.getElementById('count-stalls').textContent")).isEqualTo("2");
    browser.await("document.querySelectorAll('#lag-chart .stall').length === 2");
  }

  @Test
  void whatHoldsTheLoopNowIsAnAlert() {
    open(MonitorOptions.DEFAULT);
    program.stuck =
        new Look.Stuck("task 'report'", 3_300, List.of("Monitored.report(Monitored.java:77)"));
    browser.await("document.querySelector('#alerts [role=alert]')");
    assertThat(browser.text("document.getElementById('alerts').innerText"))
        .contains("task 'report'", "3.3 s", "Monitored.java:77");
    program.stuck = null;
    browser.await("document.getElementById('alerts').childElementCount === 0");
  }

  @Test
  void deadlockIsAnAlertThatLeadsToItsTasks() {
    addService();
    open(MonitorOptions.DEFAULT);
    browser.await("document.querySelector('#alerts button')");
    assertThat(browser.text("document.getElementById('alerts').innerText"))
        .contains("Deadlock", "transfer-a", "Lock@1b2c3d", "transfer-b");
    browser.get("document.querySelector('#alerts button').click()");
    browser.await("document.querySelector('#detail h2').textContent === 'transfer-a'");
  }

  @Test
  void connectionsAreShownWithTheirBuffers() {
    addService();
    open(MonitorOptions.DEFAULT);
    browser.click("#tab-connections");
    browser.await("document.querySelectorAll('#connections tbody tr').length === 12");
    assertThat(browser.text("document.querySelector('#connections tbody tr').innerText"))
        .contains("10.0.0.0:40000", "waits for the other end", "60.5 KiB");
    assertThat(browser.number("document.querySelector('#connections meter').value"))
        .isEqualTo(62_000);
  }

  @Test
  void hundredThousandTasksLeaveThePageSmall() throws Exception {
    List<TaskNode> tasks = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      tasks.add(
          new TaskNode(
              "0x" + Integer.toHexString(i + 1),
              "Task-" + i,
              "Service.handle" + i % 3,
              "Service.java:" + (10 + i % 3),
              "0x1",
              "waiting",
              List.of(ScriptedSource.wait("timer", "timer, 3.5 s left"))));
    }
    program.setTree(tasks);
    open(MonitorOptions.DEFAULT);
    awaitRow("Service.handle0");
    assertThat(browser.text("document.getElementById('count-tasks').textContent"))
        .isEqualTo("100,000");
    for (String group : List.of("Service.handle0", "Service.handle1", "Service.handle2")) {
      clickRow(group, ".label");
    }
    browser.await("document.querySelectorAll('#tree tbody tr').length === 3 * 52");
    assertThat(browser.number("document.querySelectorAll('*').length")).isLessThan(4_000);
    browser.get("document.getElementById('tasks-search').focus()");
    browser.type("Task-99999");
    awaitRow("Task-99999");
    assertThat(browser.number("document.querySelectorAll('#tree tbody tr').length")).isEqualTo(1);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void keyboardAloneReachesATaskAndItsPanel() {
    addService();
    open(MonitorOptions.DEFAULT);
    awaitRow("main");
    browser.get("document.querySelector('#tree tr[tabindex=\"0\"]').focus()");
    browser.key("End");
    browser.await("document.activeElement === " + row("main"));
    browser.key("ArrowRight");
    awaitRow("server");
    browser.key("ArrowDown");
    browser.await("document.activeElement === " + row("server"));
    browser.key("Enter");
    browser.await("document.querySelector('#detail h2').textContent === 'server'");
    browser.key("ArrowLeft"); // it is closed, so this goes to the parent
    browser.await("document.activeElement === " + row("main"));
    browser.key("ArrowLeft");
    browser.await("!" + row("server"));
    browser.await("document.activeElement === " + row("main"));
    assertThat(browser.number("document.querySelectorAll('#tree tr[tabindex=\"0\"]').length"))
        .isEqualTo(1);
  }

  @Test
  void tabsAreMovedThroughWithArrowKeys() {
    open(MonitorOptions.DEFAULT);
    browser.get("document.getElementById('tab-tasks').focus()");
    browser.key("ArrowRight");
    browser.await("document.activeElement.id === 'tab-stalls'");
    browser.await("!document.getElementById('panel-stalls').hidden");
    browser.key("ArrowLeft");
    browser.await("!document.getElementById('panel-tasks').hidden");
  }

  @Test
  void focusStaysWhereItIsWhileThePageUpdates() {
    addService();
    open(MonitorOptions.DEFAULT);
    awaitRow("main");
    browser.get("window.kept = " + row("main") + "; kept.focus()");
    program.add("0xaaa", "another", "Another.one", "Another.java:1"); // comes before it
    awaitRow("another");
    browser.await("document.activeElement === window.kept");
  }

  @Test
  void screenReaderIsToldWhatThingsAre() {
    addService();
    open(MonitorOptions.DEFAULT);
    awaitRow("main");
    assertThat(browser.accessibleNames())
        .contains("treegrid: Tasks", "tablist: Details", "heading: asyncio monitor")
        .anyMatch(name -> name.startsWith("image: Loop lag, the last") && name.contains("now"))
        .anyMatch(name -> name.startsWith("tab: Tasks 244"))
        .anyMatch(name -> name.startsWith("searchbox: Find tasks"))
        .anyMatch(name -> name.startsWith("alert") || name.contains("Deadlock: 2 tasks"))
        .anyMatch(name -> name.startsWith("row: ") && name.contains("main"))
        .doesNotContain("button: ", "link: ", "textbox: ", "combobox: ");
  }

  @Test
  void namesFromTheProgramAreTextAndNoMarkup() throws Exception {
    String name = "<img src=x onerror=\"document.title='broken'\"> \u2028 </script>";
    program.add("0x10", name, "Evil<b>.main", "Evil.java:3", ScriptedSource.wait("lock", name));
    open(MonitorOptions.DEFAULT);
    awaitRow(name);
    clickRow(name, ".label");
    browser.await("document.querySelector('#detail h2').textContent === " + Browser.quoted(name));
    assertThat(browser.number("document.querySelectorAll('#tree img, #detail img').length"))
        .isZero();
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void tokenLeavesTheAddressBarAndThePageGoesOn() throws Exception {
    addService();
    open(MonitorOptions.DEFAULT.withToken());
    awaitRow("main");
    assertThat(browser.text("location.href")).doesNotContain("token");
    assertThat(browser.text("document.cookie")).isEmpty();
    browser.get("location.reload()");
    awaitRow("main");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void themeFollowsTheSystemUntilOneIsChosen() {
    open(MonitorOptions.DEFAULT);
    String background = "getComputedStyle(document.body).backgroundColor";
    browser.colors("light");
    String light = browser.text(background);
    browser.colors("dark");
    assertThat(browser.text(background)).isNotEqualTo(light);
    browser.click("#theme");
    assertThat(browser.text("document.getElementById('theme').textContent")).contains("light");
    assertThat(browser.text(background)).isEqualTo(light);
  }

  @Test
  void pausedPageStandsStill() {
    open(MonitorOptions.DEFAULT);
    browser.click("#pause");
    program.lag = 4321;
    int looks = program.looks;
    browser.await("document.getElementById('status').dataset.state === 'paused'");
    while (program.looks < looks + 3) {
      browser.get("new Promise(resolve => setTimeout(resolve, 50))");
    }
    assertThat(browser.text("document.getElementById('lag-now').textContent"))
        .doesNotContain("4.3 s");
    browser.click("#pause");
    browser.await("document.getElementById('lag-now').textContent.includes('4.3 s')");
  }

  @Test
  void pageSaysThatTheProgramIsGone() {
    open(MonitorOptions.DEFAULT);
    monitor.close();
    browser.await("document.getElementById('status').dataset.state === 'lost'");
  }

  /** For people: what the page looks like, in {@code target/pictures}. */
  @Test
  void picturesOfAllParts() throws Exception {
    addService();
    open(MonitorOptions.DEFAULT);
    clickRow("Monitored.transfer", ".label");
    clickRow("transfer-a", ".label");
    clickRow("main", ".twisty");
    clickRow("server", ".twisty");
    clickRow("Monitored.handle", ".label");
    awaitRow("handler-49");
    browser.await("document.querySelector('#detail pre')");
    for (String colors : List.of("light", "dark")) {
      browser.colors(colors);
      browser.screenshot(PICTURES.resolve(colors + ".png"));
    }
    for (String tab : List.of("stalls", "slow", "connections")) {
      browser.click("#tab-" + tab);
      browser.screenshot(PICTURES.resolve(tab + ".png"));
    }
    browser.size(480, 900);
    browser.click("#tab-tasks");
    browser.screenshot(PICTURES.resolve("narrow.png"));
    // Nothing is wider than the window.
    assertThat(browser.number("document.documentElement.scrollWidth")).isLessThanOrEqualTo(480);
    assertThat(browser.complaints()).isEmpty();
  }
}
