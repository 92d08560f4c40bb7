package asyncio.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of services, and what is known without it. */
class ServicesTest {
  @TempDir Path folder;

  private Services read(String text) throws IOException {
    return Services.read(Files.writeString(folder.resolve("services"), text));
  }

  @Test
  void fileIsReadLineByLineWithAliasesAndComments() throws IOException {
    Services services =
        read(
            """
            # a comment
            first\t1001/tcp\t\tother alias   # another
            first           1002/udp
            \s
            broken
            broken 1003
            broken x/tcp
            broken 70000/tcp
            broken /tcp
            last 1004/tcp\
            """);

    assertThat(services.port("first", "tcp")).isEqualTo(1001);
    assertThat(services.port("other", "tcp")).isEqualTo(1001);
    assertThat(services.port("alias", "tcp")).isEqualTo(1001);
    assertThat(services.port("first", "udp")).isEqualTo(1002);
    assertThat(services.port("other", "udp")).isNull();
    assertThat(services.port("last", "tcp")).isEqualTo(1004);
    assertThat(services.port("broken", "tcp")).isNull();
    assertThat(services.port("#", "tcp")).isNull();
    assertThat(services.name(1001, "tcp")).isEqualTo("first");
    assertThat(services.name(1001, "udp")).isNull();
  }

  @Test
  void fileGoesBeforeWhatIsKnownWithoutItAndItsFirstLineCounts() throws IOException {
    Services services = read("http 8888/tcp\nhttp 9999/tcp\nmine 22/tcp\n");

    assertThat(services.port("http", "tcp")).isEqualTo(8888);
    assertThat(services.name(22, "tcp")).isEqualTo("mine");
    assertThat(services.port("ssh", "tcp")).isEqualTo(22);
  }

  @ParameterizedTest
  @CsvSource({
    "http, tcp, 80",
    "https, tcp, 443",
    "https, udp, 443",
    "ssh, tcp, 22",
    "domain, udp, 53",
    "ntp, udp, 123",
    "imap, tcp, 143",
    "postgresql, tcp, 5432"
  })
  void commonServicesAreKnownWithoutAFile(String name, String protocol, int port) {
    Services services = Services.read(folder.resolve("absent"));

    assertThat(services.port(name, protocol)).isEqualTo(port);
    assertThat(services.name(port, protocol)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "80, 80", "065535, 65535", "65536, -1", "'', -1", "-1, -1", "8x, -1"})
  void portIsADecimalNumberInRange(String text, int port) {
    assertThat(Services.portNumber(text)).isEqualTo(port);
  }
}
