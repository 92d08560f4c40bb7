package asyncio.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the servers of this folder as servers, and ends them with Ctrl-C. */
@Timeout(60)
class NetworkProgramsTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final byte[] BYTES = new byte[3_000_000];

  static {
    new Random(0).nextBytes(BYTES);
  }

  /** A program that listens. */
  private static final class Running implements AutoCloseable {
    private final Process process;
    private final int port;

    Running(String engine, String program, Object... arguments) throws IOException {
      List<Object> all = new ArrayList<>(List.of("run", "-Dasyncio.engine=" + engine));
      all.add(Launcher.ROOT.resolve("examples").resolve(program));
      all.addAll(List.of(arguments));
      process = new Launcher().startPiped(all.toArray());
      String line = process.inputReader().readLine();
      assertThat(line).startsWith("listening on 127.0.0.1 ");
      port = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
    }

    /** Sends what Ctrl-C sends, and gives the exit code. */
    int interrupt() throws IOException, InterruptedException {
      new ProcessBuilder("sh", "-c", "kill -s INT " + process.pid()).start().waitFor();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Sends much, reads it back, and sees the end. */
  private static void talk(int port) throws IOException, InterruptedException {
    try (Socket socket = new Socket(LOOPBACK, port)) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  socket.getOutputStream().write(BYTES);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      assertThat(socket.getInputStream().readAllBytes()).isEqualTo(BYTES);
      writer.join();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--streams, direct",
    "--protocol, direct",
    "--sockets, direct",
    "--streams, portable",
    "--protocol, portable",
    "--sockets, portable"
  })
  void echoServerEchoesInEachStyle(String style, String engine) throws Exception {
    try (var server = new Running(engine, "EchoServer.java", "127.0.0.1", 0, style)) {
      talk(server.port);
      talk(server.port);
      assertThat(server.interrupt()).isEqualTo(130);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "portable"})
  void tcpProxyPassesOnBothWays(String engine) throws Exception {
    try (var listener = new ServerSocket(0, 50, LOOPBACK);
        var proxy =
            new Running(
                engine, "TcpProxy.java", "127.0.0.1", 0, "127.0.0.1", listener.getLocalPort())) {
      Thread.ofVirtual().start(() -> echo(listener));
      talk(proxy.port);
      talk(proxy.port);
      assertThat(proxy.interrupt()).isEqualTo(130);
    }
  }

  private static void echo(ServerSocket listener) {
    try {
      while (true) {
        try (Socket socket = listener.accept()) {
          socket.getInputStream().transferTo(socket.getOutputStream());
        }
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "portable"})
  void tcpProxyEndsTheConnectionOfAClientWhoseTargetIsAbsent(String engine) throws Exception {
    int nobody;
    try (var listener = new ServerSocket(0, 50, LOOPBACK)) {
      nobody = listener.getLocalPort();
    }
    try (var proxy = new Running(engine, "TcpProxy.java", "127.0.0.1", 0, "127.0.0.1", nobody);
        var client = new Socket(LOOPBACK, proxy.port)) {
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(proxy.interrupt()).isEqualTo(130);
    }
  }

  @ParameterizedTest
  @CsvSource({"direct, ROUND_ROBIN", "portable, ROUND_ROBIN", "direct, KERNEL", "portable, KERNEL"})
  void multiLoopServerAnswersOnEachLoopAndEndsInGoodOrder(String engine, String spread)
      throws Exception {
    assumeTrue(
        spread.equals("ROUND_ROBIN") || System.getProperty("os.name").startsWith("Linux"),
        "this kernel may give all connections to one loop");
    Set<String> answers = new TreeSet<>();
    try (var server = new Running(engine, "MultiLoopServer.java", 0, 3, spread)) {
      List<Socket> sockets = new ArrayList<>();
      try {
        while (answers.size() < 3) { // the kernel's hash needs some more connections
          assertThat(sockets).hasSizeLessThan(200);
          Socket socket = new Socket(LOOPBACK, server.port);
          sockets.add(socket);
          answers.add(ask(socket));
        }
        for (Socket socket : sockets) {
          assertThat(ask(socket)).isIn(answers);
        }
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
      assertThat(answers)
          .containsExactly("loop 0 says hello", "loop 1 says hello", "loop 2 says hello");
      assertThat(server.interrupt()).isZero();
      assertThat(server.process.inputReader().lines())
          .hasSize(3)
          .allMatch(line -> line.matches("loop \\d has answered [1-9]\\d* times"));
    }
  }

  private static String ask(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write("hello\n".getBytes(US_ASCII));
    StringBuilder line = new StringBuilder();
    for (int b = socket.getInputStream().read(); b != '\n'; b = socket.getInputStream().read()) {
      assertThat(b).as("the end of the connection").isNotNegative();
      line.append((char) b);
    }
    return line.toString();
  }
}
