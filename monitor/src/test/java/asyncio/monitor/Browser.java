package asyncio.monitor;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A headless Chromium with one page, driven over the DevTools protocol. {@link #start} skips the
 * test if the machine has none.
 *
 * <p>The environment variable {@code ASYNCIO_CHROMIUM} names the program; otherwise it is looked
 * for under its usual names.
 */
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");
  private static final int SECONDS = 40;

  private final Process process;
  private final Path profile;
  private final WebSocket socket;
  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
  private final List<String> complaints = Collections.synchronizedList(new ArrayList<>());

  /** Starts one, with an empty profile. */
  static Browser start() throws Exception {
    Path program = find();
    assumeTrue(
        program != null,
        "no Chromium on this machine: install the package chromium, or set ASYNCIO_CHROMIUM");
    return new Browser(program);
  }

  private static Path find() {
    String named = System.getenv("ASYNCIO_CHROMIUM");
    if (named != null) {
      return Path.of(named);
    }
    String path = System.getenv("PATH");
    return Arrays.stream((path == null ? "" : path).split(":"))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  private Browser(Path program) throws Exception {
    profile = Files.createTempDirectory("chromium");
    List<String> command =
        List.of(
            program.toString(),
            "--headless",
            "--no-sandbox", // root has none, nor have some containers; it opens our own page only
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank");
    process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    URI tools = listening(process.errorReader());
    HttpClient http = HttpClient.newHttpClient();
    HttpResponse<String> made =
        http.send(
            HttpRequest.newBuilder(tools.resolve("/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    String address =
        JsonParser.parseString(made.body())
            .getAsJsonObject()
            .get("webSocketDebuggerUrl")
            .getAsString();
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address), new Messages())
            .get(SECONDS, TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Runtime", "Log", "Accessibility")) {
      call(domain + ".enable", new JsonObject());
    }
    size(1400, 900);
  }

  /**
   * Reads where the tools listen, and then goes on reading, so that the program can go on writing.
   */
  private static URI listening(BufferedReader log) throws IOException {
    for (String line; (line = log.readLine()) != null; ) {
      int at = line.indexOf("DevTools listening on ws://");
      if (at >= 0) {
        String address = line.substring(line.indexOf("ws://") + 5);
        Thread.ofPlatform().daemon().start(() -> drain(log));
        return URI.create("http://" + address.substring(0, address.indexOf('/')));
      }
    }
    throw new IOException("the browser ended before it listened");
  }

  private static void drain(BufferedReader log) {
    try {
      while (log.readLine() != null) {}
    } catch (IOException e) {
      // The browser has ended.
    }
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
        text.setLength(0);
        take(message);
      }
      socket.request(1);
      return null;
    }
  }

  private void take(JsonObject message) {
    if (message.has("id")) {
      answers.remove(message.get("id").getAsInt()).complete(message);
    } else if (message.get("method").getAsString().equals("Runtime.exceptionThrown")
        || message.get("method").getAsString().equals("Log.entryAdded")) {
      complaints.add(message.getAsJsonObject("params").toString());
    }
  }

  /** What went wrong in the page: exceptions, refused loads, violated rules. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  JsonObject call(String method, JsonObject parameters) {
    int id = lastId.incrementAndGet();
    JsonObject message = new JsonObject();
    message.addProperty("id", id);
    message.addProperty("method", method);
    message.add("params", parameters);
    CompletableFuture<JsonObject> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    JsonObject answered = answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    if (answered.has("error")) {
      throw new IllegalStateException(method + ": " + answered.get("error"));
    }
    return answered.getAsJsonObject("result");
  }

  private static JsonObject object(Object... namesAndValues) {
    JsonObject object = new JsonObject();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Object value = namesAndValues[i + 1];
      object.add(
          (String) namesAndValues[i],
          switch (value) {
            case Boolean flag -> new JsonPrimitive(flag);
            case Number number -> new JsonPrimitive(number);
            case JsonElement element -> element;
            default -> new JsonPrimitive(value.toString());
          });
    }
    return object;
  }

  // ---- what a test does

  /** As at the start, for the next test. */
  void reset() {
    complaints.clear();
    size(1400, 900);
    colors("light");
  }

  void size(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        object("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Has the page think that the system is set to {@code dark} or {@code light}. */
  void colors(String scheme) {
    JsonArray features = new JsonArray();
    features.add(object("name", "prefers-color-scheme", "value", scheme));
    call("Emulation.setEmulatedMedia", object("features", features));
  }

  void open(URI address) {
    call("Page.navigate", object("url", address));
  }

  /** What an expression of JavaScript gives, after a promise was waited for. */
  JsonElement get(String expression) {
    JsonObject result =
        call(
            "Runtime.evaluate",
            object("expression", expression, "awaitPromise", true, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
    }
    JsonElement value = result.getAsJsonObject("result").get("value");
    return value == null ? com.google.gson.JsonNull.INSTANCE : value;
  }

  String text(String expression) {
    JsonElement value = get(expression);
    return value.isJsonNull() ? "" : value.getAsString();
  }

  int number(String expression) {
    return get(expression).getAsInt();
  }

  /**
   * Waits until an expression is true; the page looks each time that something has changed in it.
   */
  void await(String expression) {
    String script =
        """
        new Promise((resolve, reject) => {
          const limit = setTimeout(() => reject(new Error('not so: ' + document.body?.innerText)), %d);
          const check = () => {
            let holds = false;
            try { holds = Boolean(%s); } catch { /* not there yet */ }
            if (holds) { clearTimeout(limit); resolve(true); } else setTimeout(check, 30);
          };
          check();
        })
        """
            .formatted((SECONDS - 10) * 1000, expression);
    for (int i = 0; ; i++) {
      try {
        get(script);
        return;
      } catch (IllegalStateException e) {
        if (i == 3 || !e.getMessage().contains("navigat")) {
          throw e; // otherwise the page was replaced meanwhile
        }
      }
    }
  }

  /** Presses and releases the button of the mouse in the middle of an element. */
  void click(String selector) {
    get("document.querySelector(" + quoted(selector) + ").scrollIntoView({block: 'center'})");
    JsonObject box =
        JsonParser.parseString(
                text(
                    "(() => { const b = document.querySelector("
                        + quoted(selector)
                        + ").getBoundingClientRect();"
                        + " return JSON.stringify({x: b.x + b.width / 2, y: b.y + b.height / 2}) })()"))
            .getAsJsonObject();
    for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          object(
              "type",
              type,
              "x",
              box.get("x"),
              "y",
              box.get("y"),
              "button",
              type.equals("mouseMoved") ? "none" : "left",
              "clickCount",
              1));
    }
  }

  /** Presses and releases a key, such as {@code ArrowDown} or {@code Enter}. */
  void key(String name) {
    Map<String, Integer> codes =
        Map.of(
            "Tab",
            9,
            "Enter",
            13,
            "Escape",
            27,
            "End",
            35,
            "Home",
            36,
            "ArrowLeft",
            37,
            "ArrowUp",
            38,
            "ArrowRight",
            39,
            "ArrowDown",
            40);
    for (String type : List.of("rawKeyDown", "char", "keyUp")) {
      if (type.equals("char") && !name.equals("Enter")) {
        continue;
      }
      JsonObject event =
          object("type", type, "key", name, "code", name, "windowsVirtualKeyCode", codes.get(name));
      if (type.equals("char")) {
        event.addProperty("text", "\r");
      }
      call("Input.dispatchKeyEvent", event);
    }
  }

  void type(String text) {
    call("Input.insertText", object("text", text));
  }

  void screenshot(Path file) throws IOException {
    String data = call("Page.captureScreenshot", object("format", "png")).get("data").getAsString();
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.write(file, Base64.getDecoder().decode(data));
  }

  /** Roles and names of what a screen reader is told, in the order of the page. */
  List<String> accessibleNames() {
    List<String> names = new ArrayList<>();
    for (JsonElement node :
        call("Accessibility.getFullAXTree", new JsonObject()).getAsJsonArray("nodes")) {
      JsonObject one = node.getAsJsonObject();
      if (!one.get("ignored").getAsBoolean() && one.has("name") && one.has("role")) {
        names.add(
            one.getAsJsonObject("role").get("value").getAsString()
                + ": "
                + one.getAsJsonObject("name").get("value").getAsString());
      }
    }
    return names;
  }

  static String quoted(String text) {
    return new JsonPrimitive(text).toString();
  }

  @Override
  public void close() throws IOException {
    try {
      call("Browser.close", new JsonObject());
    } catch (RuntimeException e) {
      // It is ended below, then.
    }
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).forEach(Browser::delete);
    } catch (UncheckedIOException e) {
      // A helper of the browser still writes there; the folder is a temporary one.
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // As above.
    }
  }
}
