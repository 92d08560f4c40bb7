package asyncio.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.SelectorEventLoop;
import asyncio.net.AddressFlag;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.SocketType;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which addresses go through the loop's getaddrinfo, and which do not. */
class AddressResolutionTest {
  private static final AddressInfo ANSWER =
      new AddressInfo(
          StandardProtocolFamily.INET,
          SocketType.STREAM,
          6,
          null,
          new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 5));

  private final List<String> asked = new ArrayList<>();
  private List<AddressInfo> answer = List.of(ANSWER);

  private final SelectorEventLoop loop =
      new SelectorEventLoop() {
        @Override
        public List<AddressInfo> getaddrinfo(
            @Nullable String host, @Nullable String service, AddressOptions options) {
          asked.add(host + " " + service + " " + options.flags());
          return answer;
        }
      };

  @AfterEach
  void close() {
    loop.close();
  }

  private @Nullable InetSocketAddress resolve(@Nullable String host, @Nullable String port) {
    InetSocketAddress[] found = new InetSocketAddress[1];
    loop.runUntilComplete(() -> {
      var infos = AddressResolution.resolve(loop, host, port, null, SocketType.STREAM, false);
      found[0] = infos.getFirst().address();
    });
    return found[0];
  }

  @Test
  void literalWithANumericPortIsUsedAsItIs() {
    for (String literal : List.of("127.0.0.1", "::1", "2001:db8::1")) {
      var address = InetAddress.ofLiteral(literal);
      assertThat(resolve(literal, "80")).isEqualTo(new InetSocketAddress(address, 80));
      assertThat(resolve(literal, "")).isEqualTo(new InetSocketAddress(address, 0));
      assertThat(resolve(literal, null)).isEqualTo(new InetSocketAddress(address, 0));
    }
    var mapped = resolve("::ffff:127.0.0.1", "80");
    assertThat(mapped).isNotNull();
    assertThat(mapped.getAddress()).isInstanceOf(Inet6Address.class);
    assertThat(asked).isEmpty();
  }

  @Test
  void everythingElseGoesThroughTheLoop() {
    resolve("127.0.0.1", "http");
    resolve("fe80::1%1", "80");
    resolve("127.1", "80");
    resolve("localhost", "80");
    resolve(null, "80");
    assertThat(resolve("1", "80")).isEqualTo(ANSWER.address());

    assertThat(asked)
        .containsExactly(
            "127.0.0.1 http []",
            "fe80::1%1 80 []",
            "127.1 80 []",
            "localhost 80 []",
            "null 80 []",
            "1 80 []");
  }

  @Test
  void literalThatDoesNotFitTheOptionsGoesThroughTheLoop() {
    loop.runUntilComplete(() -> {
      AddressOptions stream = AddressOptions.DEFAULT.withType(SocketType.STREAM);
      for (AddressOptions options :
          List.of(
              AddressOptions.DEFAULT,
              stream.withFamily(StandardProtocolFamily.INET6),
              stream.withProtocol(17),
              stream.withFlags(AddressFlag.CANONNAME))) {
        AddressResolution.resolve(loop, "127.0.0.1", "80", options);
      }
      assertThat(asked).hasSize(4);
      for (AddressOptions options :
          List.of(
              stream,
              stream.withFamily(StandardProtocolFamily.INET),
              stream.withProtocol(6),
              stream.withFlags(AddressFlag.PASSIVE))) {
        AddressResolution.resolve(loop, "127.0.0.1", "80", options);
      }
      assertThat(asked).hasSize(4);
    });
  }

  @Test
  void serverAsksForAddressesToBindTo() {
    loop.runUntilComplete(
        () -> AddressResolution.resolve(loop, null, "80", null, SocketType.STREAM, true));
    assertThat(asked).containsExactly("null 80 [PASSIVE]");
  }

  @Test
  void emptyAnswerIsAnError() {
    answer = List.of();
    loop.runUntilComplete(() ->
        assertThatThrownBy(() ->
                AddressResolution.resolve(loop, "localhost", "80", null, SocketType.STREAM, false))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("empty list")
            .hasMessageContaining("localhost"));
  }

  @Test
  void onlyAnUnresolvedAddressIsResolved() {
    loop.runUntilComplete(() -> {
      var resolved = new InetSocketAddress(InetAddress.ofLiteral("::1"), 7);
      assertThat(AddressResolution.resolved(loop, resolved, null, SocketType.STREAM))
          .isSameAs(resolved);
      assertThat(asked).isEmpty();
      var unresolved = InetSocketAddress.createUnresolved("localhost", 7);
      assertThat(AddressResolution.resolved(loop, unresolved, null, SocketType.STREAM))
          .isEqualTo(ANSWER.address());
      assertThat(asked).containsExactly("localhost 7 []");
    });
  }
}
