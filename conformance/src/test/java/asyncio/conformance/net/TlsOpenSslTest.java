package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.conformance.net.OtherPrograms.openssl;
import static asyncio.conformance.net.Servers.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.TlsCipher;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** TLS with OpenSSL's {@code s_client} and {@code s_server} at the other end. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class TlsOpenSslTest {
  private static final int LIMIT_SECONDS = 30;
  private static final String LOOPBACK = "127.0.0.1";

  /** A version as OpenSSL's option and as the JDK's name. */
  private enum Version {
    TLS_1_2("-tls1_2", "TLSv1.2"),
    TLS_1_3("-tls1_3", "TLSv1.3");

    final String option;
    final String name;

    Version(String option, String name) {
      this.option = option;
      this.name = name;
    }
  }

  /** OpenSSL at work; its output is read beside the loop. */
  private static final class OpenSsl implements AutoCloseable {
    private final EventLoop loop;
    private final Process process;
    private final BufferedReader output;

    /** What it has printed so far. */
    final List<String> lines = new ArrayList<>();

    OpenSsl(EventLoop loop, String... arguments) throws Exception {
      this.loop = loop;
      List<String> command = new ArrayList<>(List.of(openssl()));
      command.addAll(List.of(arguments));
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      output = process.inputReader();
      // A reader of the output cannot be interrupted, so the process has to end.
      CompletableFuture.delayedExecutor(LIMIT_SECONDS, TimeUnit.SECONDS)
          .execute(process::destroyForcibly);
    }

    /** Connects to a server of ours, trusting its certificate only for its name. */
    static OpenSsl client(EventLoop loop, Server server, String... options) throws Exception {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "s_client",
                  "-connect",
                  LOOPBACK + ":" + port(server),
                  "-CAfile",
                  Tls.file("root").toString(),
                  "-verify_return_error",
                  "-verify_hostname",
                  Tls.NAME,
                  "-servername",
                  Tls.NAME));
      arguments.addAll(List.of(options));
      return new OpenSsl(loop, arguments.toArray(String[]::new));
    }

    /** Listens, with the certificate for {@link Tls#NAME}. */
    @Suspends
    static OpenSsl server(EventLoop loop, String... options) throws Exception {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "s_server",
                  "-accept",
                  LOOPBACK + ":0",
                  "-cert",
                  Tls.file("chain").toString(),
                  "-cert_chain",
                  Tls.file("chain").toString(),
                  "-key",
                  Tls.file("localhost.key").toString()));
      arguments.addAll(List.of(options));
      return new OpenSsl(loop, arguments.toArray(String[]::new));
    }

    /** The port that a server has. */
    @Suspends
    int listeningPort() {
      String line = untilPrinted("ACCEPT ");
      return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    /** Reads up to a line with this text, and gives it. */
    @Suspends
    String untilPrinted(String text) {
      return await(
          loop.runInExecutor(
              null,
              () -> {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                  lines.add(line);
                  if (line.contains(text)) {
                    return line;
                  }
                }
                throw new AssertionError("no '" + text + "' in " + lines);
              }));
    }

    void type(String text) throws IOException {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    /** Ends its input, and waits for its end. */
    @Suspends
    int end() throws IOException {
      process.getOutputStream().close();
      return exitCode();
    }

    /**
     * Waits for it to end by itself: an end of its input would count as a success, whatever the
     * server says.
     */
    @Suspends
    int exitCode() {
      return await(
          loop.runInExecutor(
              null,
              () -> {
                output.lines().forEach(lines::add);
                return process.waitFor();
              }));
    }

    void kill() {
      process.destroyForcibly();
    }

    @Override
    public void close() {
      kill();
    }
  }

  /** Sends everything back, and writes down what happens. */
  private static final class EchoWitness extends Witness {
    private int answered;

    EchoWitness() {
      on(
          "data",
          () -> {
            byte[] all = received();
            transport().write(java.util.Arrays.copyOfRange(all, answered, all.length));
            answered = all.length;
          });
    }
  }

  private interface Body {
    @Suspends
    void run(EventLoop loop, Server server, List<EchoWitness> made) throws Exception;
  }

  /** A server of ours that echoes. */
  private static void withServer(Engine engine, ServerOptions options, Body body) throws Exception {
    List<EchoWitness> made = new ArrayList<>();
    Supplier<EchoWitness> factory =
        () -> {
          made.add(new EchoWitness());
          return made.getLast();
        };
    OnRealLoop.run(
        engine,
        loop -> {
          var server = loop.createServer(factory, LOOPBACK, 0, options);
          try (var _ = server.scope()) {
            body.run(loop, server, made);
          }
        });
  }

  // ---- their client

  @EachEngine
  @Spec({"TLS-5", "TLS-6", "TLS-17", "TLS-29"})
  void clientOfOpenSslIsServed(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      withServer(
          engine,
          Tls.serving(),
          (loop, server, made) -> {
            try (OpenSsl client = OpenSsl.client(loop, server, version.option)) {
              client.untilPrinted("Verify return code: 0 (ok)");
              client.type("hello\n");
              assertThat(client.untilPrinted("hello")).isEqualTo("hello");
              assertThat(client.end()).isZero();
              made.getFirst().untilLost();
              assertThat(made.getFirst().trail).containsExactly("made", "data", "eof", "lost");
              assertThat(made.getFirst().lostWith()).isNull();
              assertThat(client.lines).anyMatch(line -> line.contains(version.name));
            }
          });
    }
  }

  @EachEngine
  @Spec("TLS-23")
  void clientOfOpenSslMayAskForNewKeys(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      withServer(
          engine,
          Tls.serving(),
          (loop, server, made) -> {
            try (OpenSsl client = OpenSsl.client(loop, server, version.option)) {
              client.untilPrinted("Verify return code");
              for (String word : List.of("first", "second", "third")) {
                client.type(version == Version.TLS_1_3 ? "K\n" : "R\n");
                client.untilPrinted(version == Version.TLS_1_3 ? "KEYUPDATE" : "RENEGOTIATING");
                client.type(word + "\n");
                client.untilPrinted(word);
              }
              assertThat(made.getFirst().text()).isEqualTo("first\nsecond\nthird\n");
            }
          });
    }
  }

  @EachEngine
  @Spec({"TLS-3", "TLS-6"})
  void clientOfOpenSslMayShowACertificate(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      SSLParameters parameters = Tls.only(version.name);
      parameters.setNeedClientAuth(true);
      withServer(
          engine,
          ServerOptions.tls(Tls.serverThatTrusts()).withTlsParameters(parameters),
          (loop, server, made) -> {
            try (OpenSsl client =
                OpenSsl.client(
                    loop,
                    server,
                    "-cert",
                    Tls.file("client").toString(),
                    "-key",
                    Tls.file("client.key").toString())) {
              client.untilPrinted("Verify return code: 0 (ok)");
              client.type("hello\n");
              client.untilPrinted("hello");
              assertThat(made.getFirst().transport().getExtraInfo("peercert").toString())
                  .contains("a client");
            }
            loop.setDebug(false); // which would report the one that is refused (SRV-21)
            try (OpenSsl without = OpenSsl.client(loop, server)) {
              assertThat(without.exitCode()).isNotZero();
              assertThat(made.getLast().trail).isEmpty();
            }
          });
    }
  }

  @EachEngine
  @Spec("TLS-3")
  void clientOfOpenSslResumesItsSession(Engine engine, @TempDir Path folder) throws Exception {
    String file = folder.resolve("session").toString();
    for (Version version : Version.values()) {
      withServer(
          engine,
          Tls.serving(),
          (loop, server, _) -> {
            for (String option : List.of("-sess_out", "-sess_in")) {
              try (OpenSsl client = OpenSsl.client(loop, server, version.option, option, file)) {
                client.type("hello\n");
                client.untilPrinted("hello");
                client.end();
                assertThat(client.lines)
                    .anyMatch(
                        line -> line.startsWith(option.equals("-sess_in") ? "Reused, " : "New, "));
              }
            }
          });
    }
  }

  @EachEngine
  @Spec("TLS-3")
  void clientOfOpenSslNegotiatesAnApplicationProtocol(Engine engine) throws Exception {
    SSLParameters parameters = new SSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
    withServer(
        engine,
        Tls.serving().withTlsParameters(parameters),
        (loop, server, made) -> {
          try (OpenSsl client = OpenSsl.client(loop, server, "-alpn", "x,http/1.1")) {
            client.untilPrinted("ALPN protocol: http/1.1");
            client.type("hello\n");
            client.untilPrinted("hello");
            var ours = (SSLEngine) made.getFirst().transport().getExtraInfo("ssl_object");
            assertThat(ours.getApplicationProtocol()).isEqualTo("http/1.1");
          }
        });
  }

  @EachEngine
  @Spec("TLS-26")
  void clientOfOpenSslIsToldOfTheEnd(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      withServer(
          engine,
          Tls.serving(),
          (loop, server, made) -> {
            try (OpenSsl client = OpenSsl.client(loop, server, version.option)) {
              client.type("hello\n");
              client.untilPrinted("hello");
              EchoWitness near = made.getFirst();
              near.write("goodbye\n");
              near.transport().close();
              client.untilPrinted("goodbye");
              client.untilPrinted("closed");
              near.untilLost();
              assertThat(near.lostWith()).isNull();
              client.end();
            }
          });
    }
  }

  @EachEngine
  @Spec("TLS-32")
  void killedClientOfOpenSslIsATruncatedEnd(Engine engine) throws Exception {
    withServer(
        engine,
        Tls.serving(),
        (loop, server, made) -> {
          try (OpenSsl client = OpenSsl.client(loop, server)) {
            client.type("hello\n");
            client.untilPrinted("hello");
            client.kill();
            made.getFirst().untilLost();
            assertThat(made.getFirst().trail).containsExactly("made", "data", "eof", "lost");
            assertThat(made.getFirst().lostWith()).isNull();
          }
        });
  }

  // ---- their server

  private static ConnectOptions connecting() {
    return Tls.connecting();
  }

  @EachEngine
  @Spec({"TLS-6", "TLS-26"})
  void serverOfOpenSslIsTalkedTo(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      OnRealLoop.run(
          engine,
          loop -> {
            try (OpenSsl server = OpenSsl.server(loop, version.option, "-rev")) {
              Witness client = new Witness();
              var connection =
                  loop.createConnection(
                      () -> client, LOOPBACK, server.listeningPort(), connecting());
              client.write("hello\n");
              client.untilReceived(6);
              assertThat(client.text()).isEqualTo("olleh\n");
              assertThat(((TlsCipher) connection.transport().getExtraInfo("cipher")).protocol())
                  .isEqualTo(version.name);
              connection.transport().close();
              client.untilLost();
              assertThat(client.trail).containsExactly("made", "data", "lost");
              assertThat(client.lostWith()).isNull();
            }
          });
    }
  }

  @EachEngine
  @Spec("TLS-23")
  void serverOfOpenSslMayAskForNewKeys(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      OnRealLoop.run(
          engine,
          loop -> {
            try (OpenSsl server = OpenSsl.server(loop, version.option)) {
              Witness client = new Witness();
              loop.createConnection(() -> client, LOOPBACK, server.listeningPort(), connecting());
              client.write("hello\n");
              server.untilPrinted("hello");
              for (int i = 1; i <= 3; i++) {
                server.type(version == Version.TLS_1_3 ? "K\n" : "R\n");
                server.untilPrinted("SSL_do_handshake -> 1");
                server.type("word " + i + "\n");
                client.untilReceived(7 * i);
                client.write("answer " + i + "\n");
                server.untilPrinted("answer " + i);
              }
              assertThat(client.text()).isEqualTo("word 1\nword 2\nword 3\n");
              client.transport().close();
              client.untilLost();
            }
          });
    }
  }

  @EachEngine
  @Spec({"TLS-5", "TLS-8"})
  void serverOfOpenSslIsVerified(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          try (OpenSsl server = OpenSsl.server(loop, "-naccept", "3")) {
            int port = server.listeningPort();
            Witness client = new Witness();
            assertThatThrownBy(() ->
                    loop.createConnection(
                        () -> client,
                        LOOPBACK,
                        port,
                        ConnectOptions.tls(Tls.client("stranger")).withServerHostname(Tls.NAME)))
                .isInstanceOf(SSLException.class);
            server.untilPrinted("alert certificate unknown");
            assertThat(client.trail).isEmpty();
          }
        });
  }

  @EachEngine
  @Spec({"TLS-3", "TLS-6"})
  void serverOfOpenSslSeesOurCertificate(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      OnRealLoop.run(
          engine,
          loop -> {
            try (OpenSsl server =
                OpenSsl.server(
                    loop,
                    version.option,
                    "-Verify",
                    "1",
                    "-verify_return_error",
                    "-CAfile",
                    Tls.file("root").toString())) {
              Witness client = new Witness();
              loop.createConnection(
                  () -> client,
                  LOOPBACK,
                  server.listeningPort(),
                  ConnectOptions.tls(Tls.clientWithCertificate()).withServerHostname(Tls.NAME));
              client.write("hello\n");
              server.untilPrinted("hello");
              assertThat(server.lines).anyMatch(line -> line.contains("a client"));
              client.transport().close();
              client.untilLost();
            }
          });
    }
  }

  @EachEngine
  @Spec("TLS-3")
  void sessionWithAServerOfOpenSslIsResumed(Engine engine) throws Exception {
    for (Version version : Version.values()) {
      var options = ConnectOptions.tls(Tls.client("root")).withServerHostname(Tls.NAME);
      OnRealLoop.run(
          engine,
          loop -> {
            try (OpenSsl server = OpenSsl.server(loop, version.option, "-rev")) {
              int port = server.listeningPort();
              for (boolean isResumed : new boolean[] {false, true}) {
                Witness client = new Witness();
                loop.createConnection(() -> client, LOOPBACK, port, options);
                client.write("hello\n");
                client.untilReceived(6);
                var engineOfClient = (SSLEngine) client.transport().getExtraInfo("ssl_object");
                assertThat(engineOfClient.getSession().getValue("seen"))
                    .isEqualTo(isResumed ? true : null);
                engineOfClient.getSession().putValue("seen", true);
                client.transport().close();
                client.untilLost();
              }
            }
          });
    }
  }
}
