import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The web sites of these programs: three pages of a server on this machine, of which the first is
 * the slowest: 0.6 s, 0.4 s and 0.2 s from when all three have been asked for. Who asks for one
 * after the other waits longer.
 *
 * <p>With {@code -Drefuse=NAME} the address of that page refuses connections.
 */
final class LocalServer {
  private static final List<String> FASTEST_FIRST = List.of("/python", "/yandex", "/google");
  private static final List<CountDownLatch> ANSWERED =
      FASTEST_FIRST.stream().map(_ -> new CountDownLatch(1)).toList();
  private static final CountDownLatch ASKED = new CountDownLatch(3);

  private LocalServer() {}

  /** Starts the server, for as long as the program runs. */
  static List<String> urls() {
    try {
      InetAddress here = InetAddress.getLoopbackAddress();
      HttpServer server = HttpServer.create(new InetSocketAddress(here, 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", LocalServer::answer);
      Thread.ofVirtual().start(server::start).join(); // so its threads do not keep the JVM alive
      warmUp("http://" + here.getHostAddress() + ":" + server.getAddress().getPort() + "/warm");
      String refused = System.getProperty("refuse");
      int closed = closedPort(here);
      return List.of("google", "yandex", "python").stream()
          .map(name -> {
            int port = name.equals(refused) ? closed : server.getAddress().getPort();
            return "http://" + here.getHostAddress() + ":" + port + "/" + name;
          })
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Loads the JDK's HTTP clients, which takes longer than the pages differ by. */
  private static void warmUp(String url) throws IOException, InterruptedException {
    URI.create(url).toURL().openStream().readAllBytes();
    try (HttpClient client = HttpClient.newHttpClient()) {
      client.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] page = ("the page of " + path.substring(1)).getBytes();
    int place = FASTEST_FIRST.indexOf(path);
    if (place >= 0) {
      takeTime(place);
    }
    exchange.sendResponseHeaders(200, page.length);
    exchange.getResponseBody().write(page);
    exchange.close();
    if (place >= 0) {
      ANSWERED.get(place).countDown();
    }
  }

  /** Each page takes a while after the one before it, so the order is certain. */
  private static void takeTime(int place) throws IOException {
    ASKED.countDown();
    boolean together = System.getProperty("refuse") == null;
    try {
      if (together && ASKED.await(1, TimeUnit.SECONDS) && place > 0) {
        ANSWERED.get(place - 1).await();
      }
      Thread.sleep(200);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static int closedPort(InetAddress here) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, here)) {
      return socket.getLocalPort();
    }
  }
}
