package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import asyncio.ErrorContext;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.SocketType;
import asyncio.testkit.VirtualTimeLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A loop in virtual time, on a network in memory, for which a test makes up the names. */
final class NamesLoop extends VirtualTimeLoop {

  /** A main coroutine that wants to see its loop. */
  @FunctionalInterface
  interface Main {
    void run(NamesLoop loop) throws Exception;
  }

  /** What was looked up: host, port, options. */
  final List<String> lookUps = new ArrayList<>();

  /** What was reported to the exception handler; a test clears what it expects. */
  final List<ErrorContext> reports = new ArrayList<>();

  private final Map<String, List<String>> names = new HashMap<>();

  private NamesLoop(Engine engine) {
    super(engine);
  }

  /** Runs {@code main}; nothing may be reported, and no channel may stay open. */
  static void run(Engine engine, Main main) {
    var loop = new NamesLoop(engine);
    try {
      loop.runUntilComplete(() -> main.run(loop));
      loop.runUntilIdle();
      assertThat(loop.reports).as("reports to the exception handler").isEmpty();
      assertThat(loop.network().openChannels()).as("channels that are left").isEmpty();
    } finally {
      loop.close();
    }
  }

  /** Has a name stand for these addresses, in this order. */
  NamesLoop name(String host, String... literals) {
    names.put(host, List.of(literals));
    return this;
  }

  @Override
  public List<AddressInfo> getaddrinfo(
      @Nullable String host, @Nullable String service, AddressOptions options)
      throws UnknownHostException {
    lookUps.add(
        host
            + ":"
            + service
            + (options.family() == null ? "" : " " + options.family())
            + (options.protocol() == 0 ? "" : " protocol " + options.protocol())
            + (options.flags().isEmpty() ? "" : " " + options.flags()));
    List<String> literals = names.get(host);
    if (literals == null) {
      return super.getaddrinfo(host, service, options);
    }
    int port = service == null || service.isEmpty() ? 0 : Integer.parseInt(service);
    List<AddressInfo> found = new ArrayList<>();
    for (String literal : literals) {
      InetAddress address = InetAddress.ofLiteral(literal);
      var family =
          address instanceof Inet4Address
              ? StandardProtocolFamily.INET
              : StandardProtocolFamily.INET6;
      if (options.family() == null || options.family() == family) {
        found.add(
            new AddressInfo(
                family, SocketType.STREAM, 6, null, new InetSocketAddress(address, port)));
      }
    }
    return found;
  }

  @Override
  public void defaultExceptionHandler(ErrorContext context) {
    reports.add(context);
  }
}
