package asyncio.conformance.net;

import static asyncio.Asyncio.openConnection;
import static asyncio.Asyncio.startServer;
import static asyncio.conformance.net.OtherPrograms.python;
import static asyncio.conformance.net.OtherPrograms.run;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamWriter;
import asyncio.net.Streams;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** TLS with CPython's asyncio and its module ssl at the other end. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class TlsCPythonTest {
  private static final int COUNT = 1_000_000;

  /** Arguments: port or 0, version, folder of the certificates, and what to do. */
  private static final String HEAD =
      """
      import asyncio, ssl, sys

      port, version, what = int(sys.argv[1]), sys.argv[2], sys.argv[3]
      chain, key, root, client, client_key = sys.argv[4:9]
      data = bytes(i % 251 for i in range(1_000_000))

      def restrict(context):
          context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
          return context

      def client_context():
          context = ssl.create_default_context(cafile=root)
          context.load_cert_chain(client, client_key)
          context.set_alpn_protocols(['other', 'echo'])
          return restrict(context)

      def server_context():
          context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=root)
          context.load_cert_chain(chain, key)
          context.verify_mode = ssl.CERT_REQUIRED
          return restrict(context)

      """;

  private static final String CLIENT =
      HEAD
          + """
          async def main():
              if what == 'starttls':
                  reader, writer = await asyncio.open_connection('127.0.0.1', port)
                  writer.write(b'STARTTLS\\n')
                  assert await reader.readline() == b'go ahead\\n'
                  await writer.start_tls(client_context(), server_hostname='localhost')
              else:
                  reader, writer = await asyncio.open_connection(
                      '127.0.0.1', port, ssl=client_context(), server_hostname='localhost')
              async def send():
                  for start in range(0, len(data), 10_007):
                      writer.write(data[start:start + 10_007])
                      await writer.drain()
              sending = asyncio.ensure_future(send())
              back = await reader.readexactly(len(data))
              await sending
              inner = writer.get_extra_info('ssl_object')
              print(back == data, inner.version(), inner.selected_alpn_protocol())
              writer.close()
              await writer.wait_closed()

          asyncio.run(main())
          """;

  private static final String SERVER =
      HEAD
          + """
          async def echo(reader, writer):
              if what == 'starttls':
                  assert await reader.readline() == b'STARTTLS\\n'
                  writer.write(b'go ahead\\n')
                  await writer.start_tls(server_context())
              while block := await reader.read(5000):
                  writer.write(block)
                  await writer.drain()
              subject = dict(x[0] for x in writer.get_extra_info('peercert')['subject'])
              print(subject['commonName'], writer.get_extra_info('ssl_object').version(), flush=True)
              writer.close()

          async def main():
              context = None if what == 'starttls' else server_context()
              server = await asyncio.start_server(echo, '127.0.0.1', 0, ssl=context)
              print(server.sockets[0].getsockname()[1], flush=True)
              async with server:
                  await server.serve_forever()

          asyncio.run(main())
          """;

  /** Blocking sockets: resumes a session, ends TLS on both sides and asks for the answer. */
  private static final String RESUMING =
      HEAD
          + """
          import socket

          context, session = client_context(), None
          for _ in range(2):
              with socket.create_connection(('127.0.0.1', port)) as plain:
                  secure = context.wrap_socket(
                      plain, server_hostname='localhost', session=session)
                  secure.sendall(b'hello')
                  assert secure.recv(5) == b'hello'
                  print(secure.session_reused)
                  session = secure.session
                  secure.unwrap()
          """;

  private static String[] command(String script, int port, String version, String what)
      throws InterruptedException {
    return new String[] {
      python(),
      "-c",
      script,
      String.valueOf(port),
      version.replace(".", "_"),
      what,
      Tls.file("chain").toString(),
      Tls.file("localhost.key").toString(),
      Tls.file("root").toString(),
      Tls.file("client").toString(),
      Tls.file("client.key").toString()
    };
  }

  private static ServerOptions serving(String version) {
    SSLParameters parameters = Tls.only(version);
    parameters.setApplicationProtocols(new String[] {"echo"});
    parameters.setNeedClientAuth(true);
    return ServerOptions.tls(Tls.serverThatTrusts()).withTlsParameters(parameters);
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] some = reader.read(10_000); some.length > 0; some = reader.read(10_000)) {
        writer.write(some);
        writer.drain();
      }
    }
  }

  private static void upgradeAndEcho(
      StreamReader reader, StreamWriter writer, ServerOptions options) throws IOException {
    assertThat(reader.readUtf8Line()).isEqualTo("STARTTLS");
    writer.writeUtf8("go ahead\n");
    writer.startTls(options);
    echo(reader, writer);
  }

  @EachEngine
  @Spec({"TLS-3", "TLS-17", "TLS-37", "STREAM-41"})
  void clientOfCPythonIsServed(Engine engine) throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      for (String what : List.of("echo", "starttls")) {
        boolean upgrades = what.equals("starttls");
        OnRealLoop.run(
            engine,
            () -> {
              var server =
                  upgrades
                      ? startServer(
                          (reader, writer) -> upgradeAndEcho(reader, writer, serving(version)),
                          "127.0.0.1",
                          0)
                      : startServer(TlsCPythonTest::echo, "127.0.0.1", 0, serving(version));
              try (var _ = server.scope()) {
                assertThat(run(command(CLIENT, port(server), version, what)))
                    .isEqualTo("True " + version + " echo");
              }
            });
      }
    }
  }

  @EachEngine
  @Spec({"TLS-3", "TLS-26"})
  void clientOfCPythonResumesItsSessionAndEndsInGoodOrder(Engine engine) throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      OnRealLoop.run(
          engine,
          () -> {
            var server = startServer(TlsCPythonTest::echo, "127.0.0.1", 0, serving(version));
            try (var _ = server.scope()) {
              assertThat(run(command(RESUMING, port(server), version, "")))
                  .isEqualTo("False\nTrue");
            }
          });
    }
  }

  @EachEngine
  @Spec({"TLS-3", "TLS-6", "TLS-37", "STREAM-41"})
  void serverOfCPythonIsTalkedTo(Engine engine) throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2")) {
      for (String what : List.of("echo", "starttls")) {
        Process server = new ProcessBuilder(command(SERVER, 0, version, what)).start();
        try (var lines = server.inputReader()) {
          int port = Integer.parseInt(lines.readLine());
          OnRealLoop.run(engine, () -> talk(port, what.equals("starttls"), version));
          assertThat(lines.readLine()).isEqualTo("a client " + version);
        } finally {
          server.destroy();
          server.waitFor();
        }
      }
    }
  }

  private static void talk(int port, boolean upgrades, String version) throws Exception {
    ConnectOptions options =
        ConnectOptions.tls(Tls.clientWithCertificate()).withServerHostname(Tls.NAME);
    Streams streams;
    if (upgrades) {
      streams = openConnection("127.0.0.1", port);
      streams.writer().writeUtf8("STARTTLS\n");
      assertThat(streams.reader().readUtf8Line()).isEqualTo("go ahead");
      streams.writer().startTls(options);
    } else {
      streams = openConnection("127.0.0.1", port, options);
    }
    var inner = (SSLEngine) streams.writer().getExtraInfo("ssl_object");
    assertThat(inner.getSession().getProtocol()).isEqualTo(version);
    var sending =
        asyncio.Asyncio.createTask(() -> {
          streams.writer().write(Payload.part(0, COUNT));
          streams.writer().drain();
        });
    Payload.assertInOrder(streams.reader().readExactly(COUNT), COUNT);
    asyncio.Asyncio.await(sending);
    streams.writer().close();
    streams.writer().waitClosed();
    assertThat(streams.reader().readAll()).isEmpty();
  }
}
