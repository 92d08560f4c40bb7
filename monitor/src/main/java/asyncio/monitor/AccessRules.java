package asyncio.monitor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides who may ask. Three dangers, three rules:
 *
 * <ul>
 *   <li>A stranger reaches the port: where there is a token, every request has to present it, as a
 *       parameter of the address, in a header, or in the cookie that the first page sets.
 *   <li>A web page from elsewhere has its own name lead to this machine and so reads what is here
 *       (DNS rebinding): the host that is asked for has to be one of ours. Addresses in figures
 *       are, as no name server has a part in them.
 *   <li>A web page from elsewhere has the user's browser send a request (cross-site request
 *       forgery): whatever changes something has to present a key that only our own page has.
 * </ul>
 */
final class AccessRules {
  static final String KEY_HEADER = "X-Asyncio-Monitor";

  private final @Nullable String token;
  private final Set<String> hostNames;
  private final String key = MonitorOptions.newSecret();

  AccessRules(@Nullable String token, Collection<String> hostNames) {
    this.token = token;
    this.hostNames =
        hostNames.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
  }

  /** What our page presents where it changes something. */
  String key() {
    return key;
  }

  /**
   * Lets a request pass.
   *
   * @param cookie the name of the cookie that has the token
   * @throws RefusedException if it may not be answered
   */
  void check(Request request, String cookie) {
    checkHost(request.header("host"));
    String site = request.header("sec-fetch-site");
    boolean isNavigation = "navigate".equals(request.header("sec-fetch-mode"));
    if (site != null && !site.equals("same-origin") && !site.equals("none") && !isNavigation) {
      throw new RefusedException(403, "a page from elsewhere may not ask for this");
    }
    if (!hasToken(request, cookie)) {
      throw new RefusedException(
          401, "this monitor needs its token: use the address that the program has printed");
    }
    boolean isReading = request.method().equals("GET") || request.method().equals("HEAD");
    if (!isReading && !isSame(key, request.header(KEY_HEADER))) {
      throw new RefusedException(403, "only the monitor's own page may ask for this; reload it");
    }
  }

  /** The token that the cookie should hold: not null if this request has it in its address. */
  @Nullable String tokenToKeep(Request request) {
    return token != null && isSame(token, request.query().get("token")) ? token : null;
  }

  private boolean hasToken(Request request, String cookie) {
    if (token == null) {
      return true;
    }
    String authorization = request.header("authorization");
    String bearer =
        authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
            ? authorization.substring(7).strip()
            : null;
    // All are compared, so that the time tells nothing of which one it was.
    boolean inAddress = isSame(token, request.query().get("token"));
    boolean inHeader = isSame(token, bearer);
    boolean inCookie = isSame(token, request.cookie(cookie));
    return inAddress || inHeader || inCookie;
  }

  /** Compares in a time that depends on the lengths only. */
  private static boolean isSame(String secret, @Nullable String given) {
    byte[] expected = secret.getBytes(StandardCharsets.UTF_8);
    byte[] actual = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(expected, actual);
  }

  private void checkHost(@Nullable String host) {
    if (host == null) {
      throw new RefusedException(400, "the request names no host");
    }
    String name = withoutPort(host.strip().toLowerCase(Locale.ROOT));
    boolean isOurs =
        name.equals("localhost")
            || isAddressInFigures(name)
            || hostNames.contains(name)
            || (name.endsWith(".") && hostNames.contains(name.substring(0, name.length() - 1)));
    if (!isOurs) {
      throw new RefusedException(
          421, "this monitor does not answer for that host; MonitorOptions.withHostNames adds one");
    }
  }

  private static String withoutPort(String host) {
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return end < 0 ? host : host.substring(0, end + 1);
    }
    int colon = host.lastIndexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }

  /** Four numbers, or whatever is in brackets: a name can be neither. */
  private static boolean isAddressInFigures(String name) {
    return name.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}") || name.matches("\\[[0-9a-f:.]+(%.*)?]");
  }
}
