package asyncio.resolver;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The resolver of this module above one that takes its time: a name of {@code held.test} is found
 * when it is released, and stands for 192.0.2.1. Others are not known.
 */
public final class HeldNames extends InetAddressResolverProvider {
  private static final Map<String, CountDownLatch> ASKED = new ConcurrentHashMap<>();
  private static final Map<String, CountDownLatch> RELEASED = new ConcurrentHashMap<>();

  private static CountDownLatch latch(Map<String, CountDownLatch> latches, String name) {
    return latches.computeIfAbsent(name, _ -> new CountDownLatch(1));
  }

  /** Waits until somebody looks {@code name} up. */
  public static void awaitAsked(String name) throws InterruptedException {
    if (!latch(ASKED, name).await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody looks up " + name);
    }
  }

  public static void release(String name) {
    latch(RELEASED, name).countDown();
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new SuspendingResolver(new Slow());
  }

  @Override
  public String name() {
    return "held names";
  }

  /** Blocks the thread that looks up, as the system does. */
  static final class Slow implements InetAddressResolver {
    @Override
    public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
        throws UnknownHostException {
      if (!host.endsWith(".held.test")) {
        throw new UnknownHostException(host);
      }
      latch(ASKED, host).countDown();
      try {
        if (!latch(RELEASED, host).await(20, TimeUnit.SECONDS)) {
          throw new UnknownHostException(host + ": never released");
        }
      } catch (InterruptedException e) {
        throw new AssertionError("a thread for look-ups was interrupted", e);
      }
      return Stream.of(InetAddress.getByAddress(host, new byte[] {(byte) 192, 0, 2, 1}));
    }

    @Override
    public String lookupByAddress(byte[] address) {
      return "reverse.held.test";
    }
  }
}
