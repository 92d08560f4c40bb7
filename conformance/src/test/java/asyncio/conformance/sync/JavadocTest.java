package asyncio.conformance.sync;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.conformance.Repository;
import asyncio.conformance.Snippet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples in the API documentation of asyncio.sync compile. */
class JavadocTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\n *\\* }</pre>", Pattern.DOTALL);

  /** What the examples take for granted. */
  private static final String SURROUNDINGS =
      """
      }
      Lock lock = new Lock();
      Semaphore semaphore = new Semaphore();
      Condition condition = new Condition();
      java.util.Deque<String> items = new java.util.ArrayDeque<>();
      String item;
      Queue<String> queue = new Queue<>();
      Queue<String> jobs = queue;
      Object device = "device";
      java.util.concurrent.Flow.Publisher<String> publisher;
      java.util.concurrent.Flow.Subscriber<String> subscriber;
      void handle(String item) {}
      void store(String item) {}
      void readFrom(Object device, ThreadsafeQueue<String> to) {}
      void example() throws Exception {
      """;

  @Test
  void examplesCompile() throws Exception {
    int examples = 0;
    try (Stream<Path> sources =
        Files.list(Repository.ROOT.resolve("core/src/main/java/asyncio/sync"))) {
      for (Path source : sources.sorted().toList()) {
        var example = EXAMPLE.matcher(Repository.read(source));
        while (example.find()) {
          Snippet.accepts(SURROUNDINGS + example.group(1).replaceAll("(?m)^ *\\* ?", ""));
          examples++;
        }
      }
    }
    assertThat(examples).isGreaterThanOrEqualTo(7);
  }
}
