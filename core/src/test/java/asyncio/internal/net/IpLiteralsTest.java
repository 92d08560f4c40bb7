package asyncio.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and writing of literal addresses, against the JDK where that is as strict. */
class IpLiteralsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "127.0.0.1",
        "255.255.255.255",
        "1.22.103.4",
        "::",
        "::1",
        "1::",
        "fe80::a:b",
        "FE80::A:B",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1:2::7:8",
        "0001:0002::",
        "::1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4",
        "64:ff9b::1.2.3.4"
      })
  void literalIsWhatTheJdkMakesOfIt(String text) {
    assertThat(IpLiterals.parse(text)).isEqualTo(InetAddress.ofLiteral(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "127.1",
        "1.2.3",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "1..2.3",
        "1.2.3.256",
        "1.2.3.1000",
        "01.2.3.4",
        "1.2.3.00",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.x",
        "1.2.3.\u0664",
        "0x7f.0.0.1",
        "-1.2.3.4",
        "localhost",
        ":",
        ":1",
        "1:",
        ":::",
        "1:::2",
        "::1::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "g::",
        "::\u0661",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3",
        "::1.2.3.4:5",
        "::1.2.3.04",
        "1.2.3.4::",
        "[::1]",
        "::1%lo",
        "::1%1",
        "::1%"
      })
  void otherTextIsNoLiteral(String text) {
    assertThat(IpLiterals.parse(text)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2.3.4%1", "host%1", "%1", "1:%1"})
  void onlyAnIpv6AddressHasAZone(String text) throws Exception {
    assertThat(IpLiterals.parseWithZone(text)).isNull();
  }

  @Test
  void mappedAddressStaysAnIpv6Address() {
    var mapped = Objects.requireNonNull(IpLiterals.parse("::ffff:1.2.3.4"));
    assertThat(mapped).isInstanceOf(Inet6Address.class);
    assertThat(IpLiterals.unmapped(mapped)).isEqualTo(InetAddress.ofLiteral("1.2.3.4"));
    assertThat(IpLiterals.mapped(InetAddress.ofLiteral("1.2.3.4"))).isEqualTo(mapped);
    assertThat(IpLiterals.unmapped(InetAddress.ofLiteral("::1.2.3.4"))).isNull();
  }

  /** Seeded; addresses with many zero groups, which the short form is about. */
  @Test
  void whatIsWrittenIsReadAsTheSameAddressAndTheJdkAgrees() throws Exception {
    Random random = new Random(20260301);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(4) == 0 ? 4 : 16];
      for (int at = 0; at < bytes.length; at += 2) {
        if (random.nextInt(3) == 0) {
          bytes[at] = (byte) (random.nextBoolean() ? 0 : random.nextInt());
          bytes[at + 1] = (byte) random.nextInt();
        }
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      String text = IpLiterals.format(address);
      assertThat(IpLiterals.parse(text)).as(text).isEqualTo(address);
      assertThat(InetAddress.ofLiteral(text)).as(text).isEqualTo(address);
      assertThat(text).doesNotContain(":::").hasSizeLessThanOrEqualTo(39);
    }
  }

  /** Seeded; whatever text comes, the answer is an address or null. */
  @Test
  void arbitraryTextNeverFailsAndStrictLiteralsAreLiteralsOfTheJdk() {
    Random random = new Random(20260302);
    String letters = "0123456789abfF::::....%g";
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(16); n > 0; n--) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      InetAddress address = IpLiterals.parse(text.toString());
      if (address != null) {
        assertThat(InetAddress.ofLiteral(text.toString()).getHostAddress())
            .as(text.toString())
            .isEqualTo(address.getHostAddress());
      }
    }
  }
}
