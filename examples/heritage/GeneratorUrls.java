import static asyncio.Asyncio.*;

import asyncio.*;
import java.util.List;

/** Three pages at the same time, in coroutines that are made of generators. */
class GeneratorUrls {
  List<String> urls = LocalServer.urls();

  Generator<Object, Object, String> callUrl(String url) {
    return Generator.of(y -> {
      System.out.println("Starting " + url);
      var response = (AsyncHttpClient.Response) y.yield(AsyncHttpClient.shared().fetch(url));
      String data = response.text();
      System.out.println(url + ": " + data.length() + " bytes: " + data);
      return data;
    });
  }

  void main() {
    run(() -> {
      var futures = urls.stream().map(url -> Trampoline.drive(callUrl(url))).toList();
      Asyncio.wait(futures);
    });
  }
}
