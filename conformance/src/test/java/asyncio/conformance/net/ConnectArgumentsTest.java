package asyncio.conformance.net;

import static asyncio.Asyncio.seconds;
import static asyncio.conformance.net.Servers.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.ServerOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What the calls that make connections refuse before they do anything. */
class ConnectArgumentsTest {

  private static void assertRefused(String fragment, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(fragment);
  }

  private static SSLContext tls() throws NoSuchAlgorithmException {
    return SSLContext.getDefault();
  }

  /** Checks that nothing was looked up or opened. */
  private static void assertNothingHappened(NamesLoop loop) {
    assertThat(loop.lookUps).isEmpty();
    assertThat(loop.network().openChannels()).isEmpty();
  }

  @EachEngine
  @Spec("CONN-3")
  void eitherAHostOrASocketIsToBeGiven(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          try (var first = pair.first();
              var _ = pair.second()) {
            var options = ConnectOptions.DEFAULT.withSocket(first);
            assertRefused(
                "host/port and socket can not be specified at the same time",
                () -> loop.createConnection(SILENT, "host", 80, options));
            assertRefused(
                "host/port and socket can not be specified at the same time",
                () -> loop.createConnection(SILENT, null, 80, options));
            assertThat(first.isOpen()).isTrue();
          }
          assertRefused(
              "host and port was not specified and no socket specified",
              () -> loop.createConnection(SILENT, ConnectOptions.DEFAULT));
          assertNothingHappened(loop);
        });
  }

  @EachEngine
  @Spec("CONN-4")
  void aClosedSocketIsRefused(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          SocketChannel closed = loop.network().openSocketChannel();
          closed.close();
          var options = ConnectOptions.DEFAULT.withSocket(closed);
          assertThatThrownBy(() -> loop.createConnection(SILENT, options))
              .isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(() -> loop.createUnixConnection(SILENT, null, options))
              .isInstanceOf(ClosedChannelException.class);
          assertThatThrownBy(
                  () -> loop.connectAcceptedSocket(SILENT, closed, ServerOptions.DEFAULT))
              .isInstanceOf(ClosedChannelException.class);
        });
  }

  @EachEngine
  @Spec("CONN-5")
  void aSocketThatIsNotConnectedIsRefusedAndLeftAlone(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          try (SocketChannel fresh = loop.network().openSocketChannel()) {
            var options = ConnectOptions.DEFAULT.withSocket(fresh);
            assertRefused("is not connected", () -> loop.createConnection(SILENT, options));
            assertRefused(
                "is not connected",
                () -> loop.connectAcceptedSocket(SILENT, fresh, ServerOptions.DEFAULT));
            assertThat(fresh.isOpen()).isTrue();
          }
        });
  }

  @EachEngine
  @Spec({"CONN-7", "CONN-9", "UNIX-3"})
  void optionsOfTlsAreRefusedWithoutTls(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          for (var entry :
              List.of(
                  List.of("serverHostname", ConnectOptions.DEFAULT.withServerHostname("")),
                  List.of(
                      "tlsHandshakeTimeout",
                      ConnectOptions.DEFAULT.withTlsHandshakeTimeout(seconds(1))),
                  List.of(
                      "tlsShutdownTimeout",
                      ConnectOptions.DEFAULT.withTlsShutdownTimeout(seconds(1))),
                  List.of(
                      "tlsParameters",
                      ConnectOptions.DEFAULT.withTlsParameters(new SSLParameters())))) {
            String message = entry.getFirst() + " is only meaningful with TLS";
            var options = (ConnectOptions) entry.get(1);
            assertRefused(message, () -> loop.createConnection(SILENT, "host", 80, options));
            assertRefused(
                message, () -> loop.createUnixConnection(SILENT, Path.of("/no/socket"), options));
          }
          assertNothingHappened(loop);
        });
  }

  @EachEngine
  @Spec({"CONN-8", "CONN-9", "UNIX-3"})
  void tlsNeedsANameForTheCertificate(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var options = ConnectOptions.tls(tls());
          assertRefused("serverHostname", () -> loop.createConnection(SILENT, null, 80, options));
          assertRefused("serverHostname", () -> loop.createConnection(SILENT, "", 80, options));
          assertRefused(
              "serverHostname",
              () -> loop.createUnixConnection(SILENT, Path.of("/no/socket"), options));
          var pair = loop.network().pair();
          try (var first = pair.first();
              var _ = pair.second()) {
            assertRefused(
                "serverHostname", () -> loop.createConnection(SILENT, options.withSocket(first)));
          }
          assertNothingHappened(loop);
        });
  }

  @EachEngine
  @Spec({"CONN-9", "CONN-30", "SRV-7"})
  void timesForTlsAreToBePositive(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          for (Duration time : List.of(Duration.ZERO, seconds(-1))) {
            var client = ConnectOptions.tls(tls());
            assertRefused(
                "tlsHandshakeTimeout must be a positive time",
                () ->
                    loop.createConnection(
                        SILENT, "host", 80, client.withTlsHandshakeTimeout(time)));
            assertRefused(
                "tlsShutdownTimeout must be a positive time",
                () ->
                    loop.createConnection(SILENT, "host", 80, client.withTlsShutdownTimeout(time)));
            var server = ServerOptions.tls(tls());
            assertRefused(
                "tlsHandshakeTimeout must be a positive time",
                () -> loop.createServer(SILENT, "host", 80, server.withTlsHandshakeTimeout(time)));
            assertRefused(
                "tlsShutdownTimeout must be a positive time",
                () -> loop.createServer(SILENT, "host", 80, server.withTlsShutdownTimeout(time)));
          }
          assertNothingHappened(loop);
        });
  }

  @EachEngine
  @Spec("CONN-30")
  void timesForTlsAreRefusedForAnAcceptedSocketWithoutTls(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          var pair = loop.network().pair();
          try (var first = pair.first();
              var _ = pair.second()) {
            assertRefused(
                "tlsHandshakeTimeout is only meaningful with TLS",
                () ->
                    loop.connectAcceptedSocket(
                        SILENT, first, ServerOptions.DEFAULT.withTlsHandshakeTimeout(seconds(1))));
            assertRefused(
                "tlsShutdownTimeout is only meaningful with TLS",
                () ->
                    loop.connectAcceptedSocket(
                        SILENT, first, ServerOptions.DEFAULT.withTlsShutdownTimeout(seconds(1))));
            assertThat(first.isOpen()).isTrue();
          }
        });
  }
}
