package asyncio.resolver;

import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;

/** Where the JDK finds the resolver of this module; it asks once, at the first look-up. */
public final class SuspendingResolverProvider extends InetAddressResolverProvider {

  /** For the JDK. */
  public SuspendingResolverProvider() {}

  @Override
  public InetAddressResolver get(Configuration configuration) {
    return new SuspendingResolver(configuration.builtinResolver());
  }

  @Override
  public String name() {
    return "asyncio: look-ups suspend their virtual thread";
  }
}
