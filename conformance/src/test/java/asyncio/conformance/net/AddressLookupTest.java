package asyncio.conformance.net;

import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.noSuspend;
import static asyncio.Asyncio.sleep;
import static asyncio.net.AddressOptions.DEFAULT;
import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Engine;
import asyncio.conformance.EachEngine;
import asyncio.conformance.Spec;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.SocketType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DNS-1 to DNS-5: the addresses of hosts and services. */
@Timeout(30)
class AddressLookupTest {
  private static final AddressOptions STREAM = DEFAULT.withType(SocketType.STREAM);

  private final List<String> trail = new ArrayList<>();

  private static List<AddressInfo> lookUp(String host, String service, AddressOptions options)
      throws UnknownHostException {
    return getRunningLoop().getaddrinfo(host, service, options);
  }

  private static List<InetSocketAddress> addresses(List<AddressInfo> infos) {
    return infos.stream().map(AddressInfo::address).toList();
  }

  private static InetSocketAddress at(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  // ---- DNS-1

  @EachEngine
  @Spec("DNS-1")
  void addressesComeInTheOrderOfTheBlockingCallOnceForEachType(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          String name = ScriptedNames.fresh().with("192.0.2.2", "2001:db8::1", "192.0.2.1").text;

          List<AddressInfo> infos = lookUp(name, "80", DEFAULT);

          List<AddressInfo> expected = new ArrayList<>();
          for (InetAddress address : InetAddress.getAllByName(name)) {
            var family = address.getAddress().length == 4 ? INET : INET6;
            var socket = new InetSocketAddress(address, 80);
            expected.add(new AddressInfo(family, SocketType.STREAM, 6, null, socket));
            expected.add(new AddressInfo(family, SocketType.DGRAM, 17, null, socket));
          }
          assertThat(infos).isEqualTo(expected);
          assertThat(addresses(lookUp(name, "80", STREAM)))
              .containsExactly(at("192.0.2.2", 80), at("2001:db8::1", 80), at("192.0.2.1", 80));
        });
  }

  @EachEngine
  @Spec("DNS-1")
  void lookUpRunsOnAnotherThreadWhileTheLoopGoesOn(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var name = ScriptedNames.fresh().with("192.0.2.1").blocking();
          var lookup =
              createTask(() -> {
                trail.add("asks");
                trail.add("got " + lookUp(name.text, "80", STREAM).getFirst().address().getPort());
              });
          sleep(millis(0));
          name.awaitAsked();
          loop.callSoon(() -> trail.add("callback"));
          sleep(millis(1));
          trail.add("release");
          name.release();
          lookup.await();

          assertThat(trail).containsExactly("asks", "callback", "release", "got 80");
          assertThat(name.askers)
              .singleElement()
              .satisfies(thread -> {
                assertThat(thread.getName()).startsWith("asyncio-lookup-");
                assertThat(thread.isDaemon()).isTrue();
                assertThat(thread.isVirtual()).isFalse();
              });
        });
  }

  @EachEngine
  void pendingLookUpsDoNotFillTheDefaultExecutor(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          List<ScriptedNames.Name> names = new ArrayList<>();
          List<asyncio.Task<?>> lookups = new ArrayList<>();
          for (int i = 0; i < 40; i++) { // more than either has threads
            var name = ScriptedNames.fresh().with("192.0.2.1").blocking();
            names.add(name);
            lookups.add(createTask(() -> lookUp(name.text, "80", STREAM)));
          }
          sleep(millis(0));
          names.getFirst().awaitAsked();
          assertThat(loop.<String>runInExecutor(null, () -> "ran").await()).isEqualTo("ran");
          names.forEach(ScriptedNames.Name::release);
          for (var lookup : lookups) {
            lookup.await();
          }
        });
  }

  @EachEngine
  @Spec("DNS-1")
  void familyTypeAndProtocolChooseAmongTheAddresses(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          String name = ScriptedNames.fresh().with("192.0.2.1", "2001:db8::1").text;

          assertThat(addresses(lookUp(name, "80", STREAM.withFamily(INET))))
              .containsExactly(at("192.0.2.1", 80));
          assertThat(addresses(lookUp(name, "80", STREAM.withFamily(INET6))))
              .containsExactly(at("2001:db8::1", 80));
          assertThat(lookUp(name, "80", DEFAULT.withProtocol(17)))
              .extracting(AddressInfo::type)
              .containsExactly(SocketType.DGRAM, SocketType.DGRAM);
          assertThatThrownBy(() -> lookUp(name, "80", STREAM.withProtocol(17)))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("protocol 17");
          String noIpv6 = ScriptedNames.fresh().with("192.0.2.1").text;
          assertThatThrownBy(() -> lookUp(noIpv6, "80", STREAM.withFamily(INET6)))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("INET6");
        });
  }

  @EachEngine
  @Spec("DNS-1")
  void flagsOfTheBlockingCallAreObeyed(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          String both = ScriptedNames.fresh().with("192.0.2.1", "2001:db8::1").text;
          String ipv4 = ScriptedNames.fresh().with("192.0.2.1").text;
          var mapped = STREAM.withFamily(INET6).withFlags(AddressFlag.V4MAPPED);
          assertThat(lookUp(ipv4, "80", mapped))
              .singleElement()
              .satisfies(info -> {
                assertThat(info.family()).isEqualTo(INET6);
                assertThat(info.address().getAddress().getAddress())
                    .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1);
              });
          assertThat(addresses(lookUp(both, "80", mapped))).containsExactly(at("2001:db8::1", 80));
          assertThat(lookUp(both, "80", mapped.withFlags(AddressFlag.V4MAPPED, AddressFlag.ALL)))
              .extracting(AddressInfo::family)
              .containsExactly(INET6, INET6);

          var named = ScriptedNames.fresh().with("192.0.2.77").alsoNameOf("192.0.2.77");
          var canonical = DEFAULT.withFlags(AddressFlag.CANONNAME);
          assertThat(lookUp(named.text, "80", canonical))
              .extracting(AddressInfo::canonicalName)
              .as("only the first has it")
              .containsExactly(named.text, null);
          assertThat(lookUp("::1", "80", canonical).getFirst().canonicalName()).isEqualTo("::1");

          assertThatThrownBy(() -> lookUp(both, "80", STREAM.withFlags(AddressFlag.NUMERICHOST)))
              .isInstanceOf(UnknownHostException.class);
          assertThatThrownBy(() -> lookUp("::1", "http", STREAM.withFlags(AddressFlag.NUMERICSERV)))
              .isInstanceOf(UnknownHostException.class);

          boolean hasIpv6 =
              NetworkInterface.networkInterfaces()
                  .flatMap(NetworkInterface::inetAddresses)
                  .anyMatch(address ->
                      address instanceof java.net.Inet6Address && !address.isLoopbackAddress());
          boolean hasIpv4 =
              NetworkInterface.networkInterfaces()
                  .flatMap(NetworkInterface::inetAddresses)
                  .anyMatch(address ->
                      address instanceof java.net.Inet4Address && !address.isLoopbackAddress());
          List<InetSocketAddress> reachable = new ArrayList<>();
          if (hasIpv4 || !hasIpv6) {
            reachable.add(at("192.0.2.1", 80));
          }
          if (hasIpv6 || !hasIpv4) {
            reachable.add(at("2001:db8::1", 80));
          }
          assertThat(addresses(lookUp(both, "80", STREAM.withFlags(AddressFlag.ADDRCONFIG))))
              .isEqualTo(reachable);
        });
  }

  @Test
  void optionsTakeInternetFamiliesOnlyAndCopyTheirFlags() {
    assertThatThrownBy(() -> DEFAULT.withFamily(java.net.StandardProtocolFamily.UNIX))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UNIX");
    var flags = new java.util.HashSet<>(List.of(AddressFlag.PASSIVE));
    var options = new AddressOptions(null, null, 0, flags);
    flags.clear();
    assertThat(options).isEqualTo(DEFAULT.withFlags(AddressFlag.PASSIVE));
    assertThatThrownBy(() -> options.flags().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  // ---- DNS-2

  @EachEngine
  @Spec("DNS-2")
  void hostAndServiceMayBeTextOrAbsentAndTheServiceANumber(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          InetAddress[] localhost = InetAddress.getAllByName("localhost");
          for (String service : Arrays.asList(null, "", "0", "80", "080", "http")) {
            int port = service == null || service.isEmpty() || service.equals("0") ? 0 : 80;
            assertThat(addresses(lookUp("localhost", service, STREAM)))
                .as("service " + service)
                .isEqualTo(
                    Stream.of(localhost).map(host -> new InetSocketAddress(host, port)).toList());
          }
          assertThat(loop.getaddrinfo("localhost", 80, STREAM))
              .isEqualTo(lookUp("localhost", "80", STREAM));
          assertThat(addresses(lookUp(null, "http", STREAM)))
              .containsExactly(at("::1", 80), at("127.0.0.1", 80));
          var passive = STREAM.withFlags(AddressFlag.PASSIVE);
          assertThat(addresses(loop.getaddrinfo(null, 0, passive)))
              .containsExactly(at("0.0.0.0", 0), at("::", 0));
          assertThat(addresses(loop.getaddrinfo(null, 0, passive.withFamily(INET6))))
              .containsExactly(at("::", 0));
        });
  }

  @EachEngine
  @Spec("DNS-2")
  void serviceThatExistsForOneTypeOnlyGivesThatType(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          assertThat(lookUp("::1", "domain", DEFAULT))
              .extracting(AddressInfo::type)
              .containsExactly(SocketType.STREAM, SocketType.DGRAM);
          assertThat(lookUp("::1", "ssh", DEFAULT))
              .extracting(AddressInfo::type)
              .containsExactly(SocketType.STREAM);
          assertThat(lookUp("::1", "ntp", DEFAULT))
              .extracting(AddressInfo::type)
              .containsExactly(SocketType.DGRAM);
          assertThatThrownBy(() -> lookUp("::1", "ntp", STREAM))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("ntp");
        });
  }

  @EachEngine
  @Spec("DNS-2")
  void errorsAreThoseOfTheBlockingCall(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          String unknown = ScriptedNames.fresh().text;
          var blocking =
              org.assertj.core.api.Assertions.catchThrowable(
                  () -> InetAddress.getAllByName(unknown));
          assertThatThrownBy(() -> lookUp(unknown, "80", STREAM))
              .isInstanceOf(blocking.getClass())
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining(unknown);
          assertThatThrownBy(() -> lookUp("no-such-host.invalid", "80", STREAM))
              .isInstanceOf(UnknownHostException.class);
          assertThatThrownBy(() -> lookUp("::1", "no-such-service", STREAM))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("no-such-service");
          assertThatThrownBy(() -> lookUp(null, null, STREAM))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("absent");
          assertThatThrownBy(() -> lookUp("", "80", STREAM))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("empty");
          assertThatThrownBy(() -> loop.getaddrinfo("::1", 65536, STREAM))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("65536");
          assertThatThrownBy(() -> loop.getaddrinfo("::1", -1, STREAM))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("-1");
        });
  }

  @EachEngine
  @Spec("DNS-2")
  void nameOutsideAsciiIsLookedUpInItsEncodedForm(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () ->
            assertThatThrownBy(() -> lookUp("b\u00fccher.invalid", "80", STREAM))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("xn--bcher-kva.invalid"));
  }

  @EachEngine
  void onlyATaskMayLookUpEvenALiteral(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        loop -> {
          var refused = loop.<Throwable>createFuture();
          loop.callSoon(() -> {
            try {
              loop.getaddrinfo("::1", 80, STREAM);
            } catch (Exception e) {
              refused.setResult(e);
            }
          });
          assertThat(refused.await())
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("must be called from a task");
        });
  }

  // ---- DNS-3

  @EachEngine
  @Spec("DNS-3")
  void literalsResolveAtOnceWithANumberOrTheNameOfAService(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          for (String literal : List.of("127.0.0.1", "255.255.255.255", "::", "2001:db8::7")) {
            for (String service : List.of("80", "http")) {
              noSuspend(() ->
                  assertThat(addresses(lookUp(literal, service, STREAM)))
                      .containsExactly(at(literal, 80)));
            }
          }
          noSuspend(() -> {
            var mapped = lookUp("::ffff:127.0.0.1", "80", STREAM).getFirst();
            assertThat(mapped.family()).isEqualTo(INET6);
            assertThat(mapped.address().getAddress().getAddress()).hasSize(16);
          });
        });
  }

  @EachEngine
  @Spec("DNS-3")
  void zoneOfALiteralIsTheNameOrTheNumberOfAnInterface(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          NetworkInterface loopback =
              Objects.requireNonNull(
                  NetworkInterface.getByInetAddress(InetAddress.ofLiteral("127.0.0.1")));
          for (String zone : List.of(loopback.getName(), "" + loopback.getIndex())) {
            noSuspend(() -> {
              var address = lookUp("fe80::1%" + zone, "80", STREAM).getFirst().address();
              assertThat(address.getAddress()).isInstanceOf(java.net.Inet6Address.class);
              assertThat(((java.net.Inet6Address) address.getAddress()).getScopeId())
                  .isEqualTo(loopback.getIndex());
            });
          }
          assertThatThrownBy(() -> lookUp("fe80::1%no-such-interface", "80", STREAM))
              .isInstanceOf(UnknownHostException.class)
              .hasMessageContaining("no such network interface");
        });
  }

  @EachEngine
  @Spec("DNS-3")
  void literalOfTheOtherFamilyIsAnError(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () -> {
          assertThatThrownBy(() -> lookUp("127.0.0.1", "80", STREAM.withFamily(INET6)))
              .isInstanceOf(UnknownHostException.class);
          assertThatThrownBy(() -> lookUp("::1", "80", STREAM.withFamily(INET)))
              .isInstanceOf(UnknownHostException.class);
          assertThat(addresses(lookUp("::ffff:192.0.2.1", "80", STREAM.withFamily(INET))))
              .containsExactly(at("192.0.2.1", 80));
        });
  }

  // ---- DNS-4

  @ParameterizedTest
  @ValueSource(ints = {63, 64, 255, 256, 2000})
  @Spec("DNS-4")
  void longNamesFailAsInTheBlockingCall(int length) throws Exception {
    for (Engine engine : Engine.values()) {
      String label = "a".repeat(length);
      String labels = "a.".repeat(length / 2) + "invalid";
      for (String name : List.of(label, labels)) {
        Throwable blocking =
            org.assertj.core.api.Assertions.catchThrowable(() -> InetAddress.getAllByName(name));
        OnRealLoop.run(
            engine,
            () ->
                assertThatThrownBy(() -> lookUp(name, "80", STREAM))
                    .isInstanceOf(blocking.getClass())
                    .hasMessageContaining(name));
      }
    }
  }

  // ---- DNS-5

  @EachEngine
  @Spec("DNS-5")
  void broadcastStandsForTheBroadcastAddress(Engine engine) throws Exception {
    OnRealLoop.run(
        engine,
        () ->
            noSuspend(() ->
                assertThat(addresses(lookUp("<broadcast>", "80", STREAM)))
                    .containsExactly(at("255.255.255.255", 80))));
  }
}
