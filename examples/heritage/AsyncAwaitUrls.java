import static asyncio.Asyncio.*;

import asyncio.*;
import java.util.List;

/** Three pages at the same time, in coroutines, which are methods. */
class AsyncAwaitUrls {
  List<String> urls = LocalServer.urls();

  String callUrl(String url) {
    System.out.println("Starting " + url);
    var response = await(AsyncHttpClient.shared().fetch(url));
    String data = response.text();
    System.out.println(url + ": " + data.length() + " bytes: " + data);
    return data;
  }

  void main() {
    run(() -> {
      var futures = urls.stream().map(url -> createTask(() -> callUrl(url))).toList();
      Asyncio.wait(futures);
    });
  }
}
