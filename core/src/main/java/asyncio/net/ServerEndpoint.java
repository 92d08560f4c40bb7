package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.util.function.Supplier;

/** A place to serve at, made by {@link Endpoints#serverFromString}. */
@FunctionalInterface
public interface ServerEndpoint {

  /**
   * Begins to serve on the running loop.
   *
   * @param factory makes one protocol for each connection
   * @return a server that tells the real port and can be closed
   * @throws IOException if the place cannot be bound
   */
  @Suspends
  Server listen(Supplier<? extends StreamProtocol> factory) throws IOException;
}
