package asyncio.monitor;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request of HTTP, complete with its body.
 *
 * @param query the parameters of the address, decoded
 * @param headers by name in lower case; one that came twice has its values joined by a comma
 */
record Request(
    String method,
    String path,
    Map<String, String> query,
    Map<String, String> headers,
    String body,
    boolean keepAlive) {

  @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  /** A cookie's value, or null. */
  @Nullable String cookie(String name) {
    String all = header("cookie");
    if (all != null) {
      for (String pair : all.split("[;,]", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
          return pair.substring(equals + 1).strip();
        }
      }
    }
    return null;
  }
}
