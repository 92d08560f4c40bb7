package asyncio.monitor;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Starts a {@link Monitor} before the program, for {@code ./asyncio run --monitor}: {@code java
 * -javaagent:asyncio-monitor.jar}, or {@code -javaagent:asyncio-monitor.jar=PORT}, or {@code
 * …=ADDRESS:PORT}. It changes no class. The address goes to standard error.
 */
public final class MonitorAgent {

  private MonitorAgent() {}

  /** Called by the JVM, before {@code main}. */
  public static void premain(@Nullable String arguments) {
    try {
      MonitorOptions options = options(arguments == null ? "" : arguments);
      System.err.println("asyncio monitor: " + Monitor.startQuietly(options).address());
    } catch (IllegalArgumentException e) {
      System.err.println("asyncio monitor: " + e.getMessage());
      System.exit(2);
    } catch (UncheckedIOException e) {
      System.err.println("asyncio monitor: " + e.getMessage());
      System.exit(1);
    }
  }

  static MonitorOptions options(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (!port.isEmpty() && !port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException(
          "give the monitor a PORT or ADDRESS:PORT, as in 8900 or 0.0.0.0:8900, not " + text);
    }
    MonitorOptions options =
        MonitorOptions.DEFAULT.withPort(port.isEmpty() ? 0 : Integer.parseInt(port));
    if (colon <= 0) {
      return options;
    }
    String host = text.substring(0, colon);
    try {
      return options.withAddress(InetAddress.getByName(host)).withHostNames(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("the monitor's address " + host + " is not known", e);
    }
  }
}
