package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.util.function.Supplier;

/** A place to connect to, made by {@link Endpoints#clientFromString}. */
public interface ClientEndpoint {

  /**
   * Connects, on the running loop.
   *
   * @param factory makes the protocol of the connection
   * @throws IOException if nobody could be connected to
   * @throws asyncio.TimeoutException if that takes longer than the endpoint's timeout
   */
  @Suspends
  <P extends StreamProtocol> Connection<P> connect(Supplier<? extends P> factory)
      throws IOException;
}
