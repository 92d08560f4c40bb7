package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.conformance.net.OtherPrograms.python;
import static asyncio.conformance.net.OtherPrograms.run;
import static asyncio.conformance.net.OtherPrograms.succeeds;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Connections with other people's programs: CPython's asyncio, and nc. Skipped where absent. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class PeerTest {
  private static final String CLIENT =
      """
      import asyncio, sys

      async def main():
          if sys.argv[1] == 'tcp':
              reader, writer = await asyncio.open_connection('127.0.0.1', int(sys.argv[2]))
          else:
              reader, writer = await asyncio.open_unix_connection(sys.argv[2])
          data = bytes(i % 251 for i in range(1_000_000))
          async def send():
              for start in range(0, len(data), 10_007):
                  writer.write(data[start:start + 10_007])
                  await writer.drain()
              writer.write_eof()
          sending = asyncio.ensure_future(send())
          back = await reader.read()
          await sending
          writer.close()
          await writer.wait_closed()
          print(back == data)

      asyncio.run(main())
      """;

  private static final String SERVER =
      """
      import asyncio

      async def echo(reader, writer):
          while data := await reader.read(5000):
              writer.write(data)
              await writer.drain()
          writer.close()

      async def main():
          server = await asyncio.start_server(echo, '127.0.0.1', 0)
          print(server.sockets[0].getsockname()[1], flush=True)
          async with server:
              await server.serve_forever()

      asyncio.run(main())
      """;

  private final List<String> trail = new ArrayList<>();

  @EachEngine
  @Spec({"SRV-1", "CONN-29"})
  void aServerServesClientsOfCPython(Engine engine) throws Exception {
    String python = python();
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(Servers.Echo::new, "127.0.0.1", 0);
              var _ = server.scope()) {
            for (int i = 0; i < 2; i++) {
              assertThat(run(python, "-c", CLIENT, "tcp", String.valueOf(port(server))))
                  .isEqualTo("True");
            }
          }
        });
  }

  @EachEngine
  @Spec("UNIX-1")
  void aUnixServerServesClientsOfCPython(Engine engine, @TempDir Path directory) throws Exception {
    String python = python();
    Path path = directory.resolve("socket");
    OnRealLoop.run(
        engine,
        loop -> {
          try (var _ = loop.createUnixServer(Servers.Echo::new, path).scope()) {
            assertThat(run(python, "-c", CLIENT, "unix", path.toString())).isEqualTo("True");
          }
        });
  }

  @EachEngine
  @Spec("CONN-1")
  void aClientTalksWithAServerOfCPython(Engine engine) throws Exception {
    String python = python();
    Process server = new ProcessBuilder(python, "-c", SERVER).start();
    try {
      int port = Integer.parseInt(server.inputReader().readLine());
      OnRealLoop.run(
          engine,
          loop -> {
            var back = new java.io.ByteArrayOutputStream();
            var connection =
                loop.createConnection(
                    () ->
                        new TrailProtocol("", trail) {
                          @Override
                          public void dataReceived(ByteBuffer data) {
                            back.write(data.array(), 0, data.remaining());
                          }
                        },
                    "127.0.0.1",
                    port);
            byte[] sent = new byte[1_000_000];
            new java.util.Random(0).nextBytes(sent);
            connection.transport().write(sent);
            connection.transport().writeEof();
            await(connection.protocol().lost);
            assertThat(back.toByteArray()).isEqualTo(sent);
          });
    } finally {
      server.destroy();
      server.waitFor();
    }
    assertThat(trail).containsExactly("made", "eof", "lost");
  }

  @EachEngine
  @Spec("SRV-1")
  void aServerServesNc(Engine engine) throws Exception {
    assumeTrue(succeeds("sh", "-c", "command -v nc"), "no nc on the path");
    OnRealLoop.run(
        engine,
        loop -> {
          try (var server = loop.createServer(Shout::new, "127.0.0.1", 0);
              var _ = server.scope()) {
            assertThat(run("sh", "-c", "echo hello | nc 127.0.0.1 " + port(server)))
                .isEqualTo("HELLO");
          }
        });
  }

  /** Answers one line and closes. */
  private static final class Shout implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport made) {
      transport = made;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      String text = StandardCharsets.UTF_8.decode(data).toString();
      transport.write(text.toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.UTF_8));
      transport.close();
    }

    @Override
    public boolean eofReceived() {
      return true;
    }
  }
}
