package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples in the API documentation compile. */
class JavadocTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\n *\\* }</pre>", Pattern.DOTALL);

  /** What the examples take for granted. */
  private static final String SURROUNDINGS_OF_SYNC =
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

  private static final String SURROUNDINGS_OF_NET =
      """
      }
      EventLoop loop;
      String host;
      int port;
      java.nio.charset.Charset UTF_8;
      StreamReader reader;
      TransportEnd client;
      asyncio.net.Consumer consumer;
      Protocol protocol;
      java.util.Iterator<java.nio.ByteBuffer> generator;
      TransportEnd server;
      void handle(String line) {}
      void handle(byte[] chunk) {}
      void handle(java.nio.ByteBuffer chunk) {}
      void handle(StreamReader reader, StreamWriter writer) {}
      void answer(String line) {}
      void example() throws Exception {
      """;

  @Test
  void examplesOfSyncCompile() throws Exception {
    assertThat(compileExamples("sync", SURROUNDINGS_OF_SYNC)).isGreaterThanOrEqualTo(7);
  }

  @Test
  void examplesOfNetCompile() throws Exception {
    assertThat(compileExamples("net", SURROUNDINGS_OF_NET)).isGreaterThanOrEqualTo(7);
  }

  private static int compileExamples(String packageName, String surroundings) throws Exception {
    int examples = 0;
    try (Stream<Path> sources =
        Files.list(Repository.ROOT.resolve("core/src/main/java/asyncio/" + packageName))) {
      for (Path source : sources.sorted().toList()) {
        var example = EXAMPLE.matcher(Repository.read(source));
        while (example.find()) {
          Snippet.accepts(surroundings + example.group(1).replaceAll("(?m)^ *\\* ?", ""));
          examples++;
        }
      }
    }
    return examples;
  }
}
