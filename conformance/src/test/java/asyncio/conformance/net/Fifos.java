package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** Named pipes, and the threads that move bytes of what cannot be selected. */
final class Fifos {
  private Fifos() {}

  static Path make(Path path) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor())
        .isZero();
    return path;
  }

  static Set<Thread> pipeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("asyncio-pipe-"))
        .collect(Collectors.toSet());
  }
}
