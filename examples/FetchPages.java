import static asyncio.Asyncio.*;

import asyncio.*;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/**
 * Fetches three pages at the same time, through the JDK's HttpClient, from a server that this
 * program starts itself.
 */
class FetchPages {

  void main() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] page = ("the page " + exchange.getRequestURI().getPath()).getBytes();
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    try {
      run(() -> fetchAll("http://localhost:" + server.getAddress().getPort()));
    } finally {
      server.stop(0);
    }
  }

  void fetchAll(String root) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      List<String> pages =
          await(
              gather(
                  () -> fetch(client, root + "/one"),
                  () -> fetch(client, root + "/two"),
                  () -> fetch(client, root + "/three")));
      pages.forEach(System.out::println);
    }
  }

  String fetch(HttpClient client, String uri) {
    var request = HttpRequest.newBuilder(URI.create(uri)).build();
    var response = await(wrapFuture(client.sendAsync(request, BodyHandlers.ofString())));
    return response.statusCode() + " " + response.body();
  }
}
