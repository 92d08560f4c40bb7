package asyncio.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.examples.Launcher.Result;
import java.io.BufferedReader;
import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Redis client against a real server, where one is installed. */
class RedisTest {
  @TempDir Path folder;

  @Test
  void clientTalksToARealServer() throws Exception {
    assumeTrue(isOnPath("redis-server"), "redis-server is not installed");
    int port;
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Process redis =
        new ProcessBuilder("redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader log = redis.inputReader()) {
      assertThat(log.lines().anyMatch(line -> line.contains("Ready to accept connections")))
          .as("the server has started")
          .isTrue();
      Path program = Launcher.ROOT.resolve("examples/RedisClient.java");

      Result result = new Launcher().run("run", program, "127.0.0.1", port);

      assertThat(result.err()).doesNotContain("Exception");
      assertThat(result.out())
          .isEqualTo(Files.readString(Launcher.ROOT.resolve("examples/expected/RedisClient.txt")));
    } finally {
      redis.destroyForcibly();
    }
  }

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
