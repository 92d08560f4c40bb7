import static asyncio.Asyncio.*;

import asyncio.*;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Three pages at the same time, in green threads: plain code that blocks, and nothing to patch. */
class GeventUrls {
  List<String> urls = LocalServer.urls();

  void printHead(String url) throws IOException {
    System.out.println("Starting " + url);
    byte[] data = URI.create(url).toURL().openStream().readAllBytes();
    System.out.println(url + ": " + data.length + " bytes: " + new String(data));
  }

  void main() {
    run(() -> {
      var jobs = urls.stream().map(url -> createTask(() -> printHead(url))).toList();
      Asyncio.wait(jobs);
      jobs.stream().filter(job -> job.exception() != null).forEach(System.out::println);
    });
  }
}
