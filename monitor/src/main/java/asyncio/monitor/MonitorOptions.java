package asyncio.monitor;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link Monitor} serves its page, and to whom.
 *
 * <pre>{@code
 * Monitor.start(MonitorOptions.DEFAULT.withPort(8900).withToken());
 * }</pre>
 *
 * <p>The page is served on the loopback interface, so only programs on this machine reach it. On
 * any other address a token is required: one is made if none was given. On a machine that several
 * people use, ask for one on loopback too.
 *
 * @param address the local address; null for the loopback interface
 * @param port 0 for any that is free
 * @param token what every request has to present; null for none
 * @param hostNames names under which the page may be asked for, besides {@code localhost} and
 *     addresses in figures
 * @param readOnly whether the page is without its buttons that cancel tasks
 * @param interval how often the page is told what is new
 */
public record MonitorOptions(
    @Nullable InetAddress address,
    int port,
    @Nullable String token,
    List<String> hostNames,
    boolean readOnly,
    Duration interval) {

  private static final int SHORTEST_TOKEN = 16;
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(50);

  /** On loopback, any free port, no token, once a second. */
  public static final MonitorOptions DEFAULT =
      new MonitorOptions(null, 0, null, List.of(), false, Duration.ofSeconds(1));

  /**
   * Checks the values, and makes a token if the address asks for one.
   *
   * @throws IllegalArgumentException if one of them is out of its range
   */
  public MonitorOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be between 0 (any) and 65535: " + port);
    }
    if (token != null && !token.matches("[A-Za-z0-9_~.-]{" + SHORTEST_TOKEN + ",200}")) {
      throw new IllegalArgumentException(
          "token must have 16 to 200 letters, digits, or characters of _~.-"
              + " and this one has not; withToken() makes a good one");
    }
    Objects.requireNonNull(interval, "interval");
    if (interval.compareTo(SHORTEST_INTERVAL) < 0) {
      throw new IllegalArgumentException(
          "interval must be at least " + SHORTEST_INTERVAL + ": " + interval);
    }
    hostNames = List.copyOf(hostNames);
    if (token == null && address != null && !address.isLoopbackAddress()) {
      token = newSecret();
    }
  }

  /**
   * Serves on this local address, to other machines too unless it is a loopback one; then with a
   * token.
   */
  public MonitorOptions withAddress(@Nullable InetAddress address) {
    return new MonitorOptions(address, port, token, hostNames, readOnly, interval);
  }

  /** Serves on this port; 0 for any that is free. */
  public MonitorOptions withPort(int port) {
    return new MonitorOptions(address, port, token, hostNames, readOnly, interval);
  }

  /** Requires a token, a random one; {@link Monitor#address} has it. */
  public MonitorOptions withToken() {
    return withToken(newSecret());
  }

  /**
   * Requires this token, one that is kept secret elsewhere.
   *
   * @throws IllegalArgumentException if it is shorter than 16 characters, or has others than
   *     letters, digits and {@code _~.-}
   */
  public MonitorOptions withToken(String token) {
    Objects.requireNonNull(token, "token");
    return new MonitorOptions(address, port, token, hostNames, readOnly, interval);
  }

  /**
   * Answers also to requests for these host names. Others are refused, except {@code localhost} and
   * addresses in figures: a page from elsewhere could have its own name lead to this machine.
   */
  public MonitorOptions withHostNames(String... names) {
    return new MonitorOptions(address, port, token, List.of(names), readOnly, interval);
  }

  /** Whether the page only shows, without cancelling anything. */
  public MonitorOptions withReadOnly(boolean readOnly) {
    return new MonitorOptions(address, port, token, hostNames, readOnly, interval);
  }

  /** Tells the page what is new this often; with very many tasks it takes longer. */
  public MonitorOptions withInterval(Duration interval) {
    return new MonitorOptions(address, port, token, hostNames, readOnly, interval);
  }

  /** The values; the token is left out, so that it gets into no log. */
  @Override
  public String toString() {
    return "MonitorOptions[address="
        + (address == null ? "loopback" : address)
        + ", port="
        + port
        + ", token="
        + (token == null ? "none" : "…")
        + ", hostNames="
        + hostNames
        + ", readOnly="
        + readOnly
        + ", interval="
        + interval
        + "]";
  }

  static String newSecret() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
