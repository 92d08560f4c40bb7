package asyncio.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the programs that serve until they are stopped, and talks to them. */
class ServersTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  @TempDir Path folder;

  /** What a client does with its connection. */
  private interface Client {
    void talk(Socket socket) throws IOException;
  }

  private void serve(String engine, String program, Client client) throws Exception {
    int port = freePort();
    Process process =
        new Launcher()
            .start(
                folder,
                "run",
                "-Dasyncio.engine=" + engine,
                "-Dport=" + port,
                Launcher.ROOT.resolve("examples").resolve(program));
    try (Socket socket = connect(port, process)) {
      socket.setSoTimeout(20_000);
      client.talk(socket);
    } finally {
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("ended by SIGTERM").isTrue();
    }
    assertThat(Files.readString(folder.resolve("out"))).as("what it prints").isEmpty();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, HERE)) {
      return socket.getLocalPort();
    }
  }

  /** Connects as soon as the program listens, which takes it a while. */
  private Socket connect(int port, Process process) throws Exception {
    for (; ; ) {
      try {
        return new Socket(HERE, port);
      } catch (ConnectException e) {
        if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
          throw new AssertionError(Files.readString(folder.resolve("err")), e);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"direct", "portable"})
  void theEchoServerSendsBackWhatItGets(String engine) throws Exception {
    serve(
        engine,
        "heritage/TwistedEchoServer.java",
        socket -> {
          for (String text : List.of("hello\n", "world")) {
            socket.getOutputStream().write(text.getBytes());
            byte[] answer = socket.getInputStream().readNBytes(text.length());
            assertThat(new String(answer)).isEqualTo(text);
          }
        });
  }
}
