package asyncio.internal.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names of services and their ports: those of the machine's file, then a few that are always known.
 *
 * <p>The file is read once. Immutable, thread-safe.
 */
final class Services {
  /** In the form of the file: what is common, for machines without one. */
  private static final String ALWAYS_KNOWN =
      """
      ftp 21/tcp
      ssh 22/tcp
      telnet 23/tcp
      smtp 25/tcp mail
      domain 53/tcp
      domain 53/udp
      tftp 69/udp
      http 80/tcp www
      kerberos 88/tcp
      kerberos 88/udp
      pop3 110/tcp
      ntp 123/udp
      imap2 143/tcp imap
      snmp 161/udp
      ldap 389/tcp
      https 443/tcp
      https 443/udp
      syslog 514/udp
      submission 587/tcp
      ldaps 636/tcp
      imaps 993/tcp
      pop3s 995/tcp
      mysql 3306/tcp
      postgresql 5432/tcp
      http-alt 8080/tcp webcache
      """;

  private static final class OfThisMachine {
    static final Services SERVICES = read(file());
  }

  private final Map<String, Integer> ports = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();

  private Services(String... texts) {
    for (String text : texts) {
      text.lines().forEach(this::add);
    }
  }

  static Services ofThisMachine() {
    return OfThisMachine.SERVICES;
  }

  /** The services of a file, and those that are always known. */
  static Services read(Path file) {
    try {
      return new Services(Files.readString(file, StandardCharsets.ISO_8859_1), ALWAYS_KNOWN);
    } catch (IOException e) {
      return new Services(ALWAYS_KNOWN); // many a container has no such file
    }
  }

  private static Path file() {
    String windows = System.getenv("SystemRoot");
    return windows != null
        ? Path.of(windows, "System32", "drivers", "etc", "services")
        : Path.of("/etc/services");
  }

  /** Takes a line {@code name port/protocol alias… # comment}; the first line for a name counts. */
  private void add(String line) {
    int comment = line.indexOf('#');
    String[] words = (comment < 0 ? line : line.substring(0, comment)).trim().split("\\s+", -1);
    int slash = words.length < 2 ? -1 : words[1].indexOf('/');
    if (slash < 0) {
      return;
    }
    int port = portNumber(words[1].substring(0, slash));
    if (port < 0) {
      return;
    }
    String suffix = words[1].substring(slash);
    names.putIfAbsent(port + suffix, words[0]);
    for (int i = 0; i < words.length; i++) {
      if (i != 1) {
        ports.putIfAbsent(words[i] + suffix, port);
      }
    }
  }

  /** The port that {@code text} is the number of; -1 if it is none. */
  static int portNumber(String text) {
    if (!IpLiterals.isDecimal(text) || text.length() > 9) {
      return -1;
    }
    int port = Integer.parseInt(text);
    return port <= 65535 ? port : -1;
  }

  /** The port of a service; null if it is not known for the protocol. */
  @Nullable Integer port(String name, String protocol) {
    return ports.get(name + '/' + protocol);
  }

  /** The service at a port; null if none is known for the protocol. */
  @Nullable String name(int port, String protocol) {
    return names.get(port + "/" + protocol);
  }
}
