package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static asyncio.conformance.net.Servers.SILENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.StreamProtocol;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Connecting to several addresses at the same time (RFC 8305). */
class HappyEyeballsTest {
  private static final String SIX_A = "2001:db8::a";
  private static final String SIX_B = "2001:db8::b";
  private static final String SIX_C = "2001:db8::c";
  private static final String FOUR_A = "192.0.2.1";
  private static final String FOUR_B = "192.0.2.2";
  private static final ConnectOptions EYEBALLS =
      ConnectOptions.DEFAULT.withHappyEyeballs(millis(250));

  private static long millisOf(NamesLoop loop) {
    return loop.time() / 1_000_000;
  }

  /** Has connects to an address take so long, and then be refused if nobody listens. */
  private static void slow(NamesLoop loop, String literal, double seconds) {
    loop.network().at(InetAddress.ofLiteral(literal)).setConnectDelay(seconds(seconds));
  }

  private static void hang(NamesLoop loop, String... literals) {
    for (String literal : literals) {
      slow(loop, literal, 1e9);
    }
  }

  private static String peer(Connection<StreamProtocol> connection) {
    var address = (InetSocketAddress) connection.transport().getExtraInfo("peername");
    return address.getAddress().getHostAddress();
  }

  private static long clients(NamesLoop loop) {
    return loop.network().openChannels().stream().filter(SocketChannel.class::isInstance).count();
  }

  @EachEngine
  @Spec({"CONN-22", "CONN-23"})
  void theNextAttemptBeginsAfterTheDelayAndTheFirstToConnectWins(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, FOUR_A, FOUR_B);
          hang(loop, SIX_A);
          slow(loop, FOUR_A, 0.1);
          try (var _ = loop.createServer(SILENT, FOUR_A, 80).scope()) {
            var connection = loop.createConnection(SILENT, "host", 80, EYEBALLS);
            assertThat(peer(connection)).isEqualTo(FOUR_A);
            assertThat(millisOf(loop)).isEqualTo(350);
            assertThat(clients(loop)).isEqualTo(2); // the two ends of the one connection
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-22")
  void theNextAttemptBeginsAtOnceWhenTheOneBeforeHasFailed(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, FOUR_A);
          slow(loop, SIX_A, 0.1);
          try (var _ = loop.createServer(SILENT, FOUR_A, 80).scope()) {
            var connection = loop.createConnection(SILENT, "host", 80, EYEBALLS);
            assertThat(peer(connection)).isEqualTo(FOUR_A);
            assertThat(millisOf(loop)).isEqualTo(100);
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-22")
  void theDelayCountsFromTheStartOfTheAttemptBefore(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          // a fails at 100 and starts b; b lasts, so c starts at 350; a failure of b is no news
          loop.name("host", FOUR_A, FOUR_B, "192.0.2.3", "192.0.2.4");
          slow(loop, FOUR_A, 0.1);
          slow(loop, FOUR_B, 0.3);
          slow(loop, "192.0.2.3", 0.2);
          try (var _ = loop.createServer(SILENT, "192.0.2.3", 80).scope();
              var _ = loop.createServer(SILENT, "192.0.2.4", 80).scope()) {
            var connection = loop.createConnection(SILENT, "host", 80, EYEBALLS);
            assertThat(peer(connection)).isEqualTo("192.0.2.3");
            assertThat(millisOf(loop)).isEqualTo(550);
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-22")
  void anAttemptThatWasOvertakenMayStillWin(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, FOUR_A);
          slow(loop, SIX_A, 0.4);
          hang(loop, FOUR_A);
          try (var _ = loop.createServer(SILENT, SIX_A, 80).scope()) {
            var connection = loop.createConnection(SILENT, "host", 80, EYEBALLS);
            assertThat(millisOf(loop)).isEqualTo(400);
            assertThat(clients(loop)).isEqualTo(2);
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-23")
  void losersThatConnectInTheSameIterationAreClosedBeforeTheCallReturns(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, FOUR_A, FOUR_B);
          slow(loop, SIX_A, 1);
          slow(loop, FOUR_A, 0.75);
          slow(loop, FOUR_B, 0.5);
          try (var _ = loop.createServer(SILENT, null, 80).scope()) {
            for (int i = 0; i < 100; i++) {
              var connection = loop.createConnection(SILENT, "host", 80, EYEBALLS);
              // on this side; on the other one the losers' ends were accepted, and are told
              assertThat(
                      loop.network().openChannels().stream()
                          .filter(SocketChannel.class::isInstance)
                          .map(channel -> remotePort((SocketChannel) channel))
                          .filter(port -> port == 80))
                  .hasSize(1);
              connection.transport().close();
              sleep(seconds(1));
            }
          }
        });
  }

  private static int remotePort(SocketChannel channel) {
    try {
      return ((InetSocketAddress) channel.getRemoteAddress()).getPort();
    } catch (java.io.IOException e) {
      return 80; // closed, but still there
    }
  }

  @EachEngine
  @Spec({"CONN-24", "CONN-17"})
  void aRaceWithoutWinnerGivesOneErrorForEachAttemptInTheOrderOfTheAddresses(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", FOUR_A, FOUR_B, "192.0.2.3");
          slow(loop, FOUR_A, 0.9); // fails last
          slow(loop, FOUR_B, 0.6);
          slow(loop, "192.0.2.3", 0.1); // fails first
          assertThatThrownBy(
                  () -> loop.createConnection(SILENT, "host", 80, EYEBALLS.withAllErrors(true)))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class,
                  group ->
                      assertThat(group.exceptions())
                          .extracting(Throwable::getMessage)
                          .containsExactly(
                              "Connect call failed 192.0.2.1:80: Connection refused",
                              "Connect call failed 192.0.2.2:80: Connection refused",
                              "Connect call failed 192.0.2.3:80: Connection refused"));
          assertThat(millisOf(loop)).isEqualTo(900);
          assertThatThrownBy(() -> loop.createConnection(SILENT, "host", 80, EYEBALLS))
              .isInstanceOf(ConnectException.class)
              .hasMessageStartingWith("Multiple exceptions: ");
        });
  }

  /** Connects where nobody answers, and tells the order of the attempts by their errors. */
  private static List<String> order(NamesLoop loop, ConnectOptions options) throws Exception {
    try {
      loop.createConnection(SILENT, "host", 80, options.withAllErrors(true));
      throw new AssertionError("somebody answers");
    } catch (ExceptionGroup group) {
      return group.exceptions().stream()
          .map(each -> each.getMessage().replaceAll("Connect call failed |\\[|]?:80: .*", ""))
          .toList();
    }
  }

  @EachEngine
  @Spec("CONN-25")
  void interleavingTakesAddressesOfOneFamilyAndThenAlternates(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, SIX_B, SIX_C, FOUR_A, FOUR_B);
          assertThat(order(loop, ConnectOptions.DEFAULT.withInterleave(1)))
              .containsExactly(SIX_A, FOUR_A, SIX_B, FOUR_B, SIX_C);
          assertThat(order(loop, ConnectOptions.DEFAULT.withInterleave(2)))
              .containsExactly(SIX_A, SIX_B, FOUR_A, SIX_C, FOUR_B);
          assertThat(order(loop, ConnectOptions.DEFAULT.withInterleave(9)))
              .containsExactly(SIX_A, SIX_B, SIX_C, FOUR_A, FOUR_B);
          assertThatThrownBy(() -> ConnectOptions.DEFAULT.withInterleave(-1))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }

  @EachEngine
  @Spec("CONN-25")
  void interleavingBeginsWithIpv6WhateverTheResolverPutsFirst(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", FOUR_A, FOUR_B, SIX_A);
          assertThat(order(loop, ConnectOptions.DEFAULT.withInterleave(1)))
              .containsExactly(SIX_A, FOUR_A, FOUR_B);
          assertThat(order(loop, ConnectOptions.DEFAULT.withInterleave(0)))
              .containsExactly(FOUR_A, FOUR_B, SIX_A);
        });
  }

  @EachEngine
  @Spec("CONN-26")
  void theFamiliesAlternateIfThereIsADelayAndNothingElseIsSaid(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, SIX_B, FOUR_A);
          assertThat(order(loop, EYEBALLS)).containsExactly(SIX_A, FOUR_A, SIX_B);
          assertThat(order(loop, EYEBALLS.withInterleave(0))).containsExactly(SIX_A, SIX_B, FOUR_A);
          assertThat(order(loop, ConnectOptions.DEFAULT)).containsExactly(SIX_A, SIX_B, FOUR_A);

          // Given alone it only changes the order: one attempt at a time.
          slow(loop, SIX_A, 10);
          long before = millisOf(loop);
          order(loop, ConnectOptions.DEFAULT.withInterleave(1));
          assertThat(millisOf(loop) - before).isEqualTo(10_000);
        });
  }

  @EachEngine
  @Spec("CONN-27")
  void oneFamilyAloneIsRacedToo(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", FOUR_A, FOUR_B);
          hang(loop, FOUR_A);
          try (var _ = loop.createServer(SILENT, FOUR_B, 80).scope()) {
            var connection = loop.createConnection(SILENT, "host", 80, EYEBALLS);
            assertThat(peer(connection)).isEqualTo(FOUR_B);
            assertThat(millisOf(loop)).isEqualTo(250);
            connection.transport().close();
          }
        });
  }

  @EachEngine
  @Spec("CONN-28")
  void cancellingTheCallEndsAllAttempts(Engine engine) {
    NamesLoop.run(
        engine,
        loop -> {
          loop.name("host", SIX_A, FOUR_A, SIX_B, FOUR_B);
          hang(loop, SIX_A, FOUR_A, SIX_B, FOUR_B);
          for (int running = 1; running <= 4; running++) {
            var call = createTask(() -> loop.createConnection(SILENT, "host", 80, EYEBALLS));
            sleep(millis(250 * running - 1));
            assertThat(clients(loop)).isEqualTo(running);
            call.cancel();
            assertThatThrownBy(() -> await(call)).isInstanceOf(CancelledError.class);
            assertThat(loop.network().openChannels()).isEmpty();
            sleep(seconds(10)); // no attempt begins any more
            assertThat(loop.network().openChannels()).isEmpty();
          }
        });
  }
}
