import asyncio.resolver.SuspendingResolverProvider;
import java.net.spi.InetAddressResolverProvider;
import org.jspecify.annotations.NullMarked;

/**
 * Makes name look-ups of the JDK suspend the task that makes them, in the whole JVM. It exports
 * nothing: to have it on the class path or the module path is to use it.
 */
@NullMarked
module asyncio.resolver {
  requires asyncio;
  requires static org.jspecify;

  provides InetAddressResolverProvider with
      SuspendingResolverProvider;
}
