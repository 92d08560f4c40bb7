import static asyncio.Asyncio.*;

import java.util.List;

/** Three pages at the same time, with callbacks; ends when all of them have been called. */
class TornadoUrls {
  List<String> urls = LocalServer.urls();

  void handleResponse(AsyncHttpClient.Response response) {
    if (response.error() != null) {
      System.out.println("Error: " + response.error().getMessage());
    } else {
      String url = response.request().url();
      System.out.println(url + ": " + response.body().length + " bytes: " + response.text());
    }
  }

  void main() {
    run(() -> {
      var calls = new CallbackCollector<AsyncHttpClient.Response>(urls.size());
      var client = AsyncHttpClient.shared();
      urls.forEach(url -> client.fetch(url, calls.after(this::handleResponse)));
      await(calls.all());
    });
  }
}
