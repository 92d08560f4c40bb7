package asyncio.conformance.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The resolver of the JVM of these tests: knows the names that tests make up, lets them see who
 * asks, and leaves all other names to the system.
 */
public final class ScriptedNames extends InetAddressResolverProvider {
  private static final String DOMAIN = ".scripted.test";
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final Map<String, Name> NAMES = new ConcurrentHashMap<>();
  private static final Map<InetAddress, String> REVERSE = new ConcurrentHashMap<>();

  /** A name that no test has used before, as the JVM remembers answers; so far it is not known. */
  static Name fresh() {
    Name name = new Name("n" + COUNT.incrementAndGet() + DOMAIN);
    NAMES.put(name.text, name);
    return name;
  }

  /** The addresses of literals. */
  static InetAddress[] addresses(String... literals) {
    return Arrays.stream(literals).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  /** A host name, and what a look-up of it meets. */
  static final class Name {
    final String text;

    /** Who has asked, one entry for each look-up. */
    final List<Thread> askers = new CopyOnWriteArrayList<>();

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile boolean blocks;
    private volatile InetAddress[] answer = {};

    private Name(String text) {
      this.text = text;
    }

    /** Has it stand for these addresses, in this order. */
    Name with(String... literals) {
      answer = addresses(literals);
      return this;
    }

    /** Has look-ups wait until {@link #release}. */
    Name blocking() {
      blocks = true;
      return this;
    }

    /** Has {@code literal} called by this name. */
    Name alsoNameOf(String literal) {
      REVERSE.put(InetAddress.ofLiteral(literal), text);
      return this;
    }

    void awaitAsked() throws InterruptedException {
      assertThat(asked.await(20, TimeUnit.SECONDS)).as("somebody looks up " + text).isTrue();
    }

    void release() {
      open.countDown();
    }

    private Stream<InetAddress> lookUp() throws UnknownHostException {
      askers.add(Thread.currentThread());
      asked.countDown();
      boolean interrupted = false;
      while (blocks) {
        try {
          open.await();
          blocks = false;
        } catch (InterruptedException e) {
          interrupted = true; // look-ups of the system cannot be interrupted
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (answer.length == 0) {
        throw new UnknownHostException(text + ": not known to this test");
      }
      return Arrays.stream(answer);
    }
  }

  @Override
  public InetAddressResolver get(Configuration configuration) {
    InetAddressResolver system = configuration.builtinResolver();
    return new InetAddressResolver() {
      @Override
      public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
          throws UnknownHostException {
        Name name = NAMES.get(host);
        return name == null ? system.lookupByName(host, policy) : name.lookUp();
      }

      @Override
      public String lookupByAddress(byte[] address) throws UnknownHostException {
        String name = REVERSE.get(InetAddress.getByAddress(address));
        return name == null ? system.lookupByAddress(address) : name;
      }
    };
  }

  @Override
  public String name() {
    return "names that tests make up";
  }
}
