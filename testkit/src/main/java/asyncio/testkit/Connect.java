package asyncio.testkit;

import java.io.IOException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connect under way, and how it ended.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class Connect {
  private final MemorySocketChannel client;
  private final SocketAddress local;
  private @Nullable StreamEnd end;
  private @Nullable IOException failure;
  private boolean abandoned;

  /**
   * Begins one.
   *
   * @param local what the client's address will be
   */
  Connect(MemorySocketChannel client, SocketAddress local) {
    this.client = client;
    this.local = local;
  }

  MemorySocketChannel client() {
    return client;
  }

  /** The client's address. */
  SocketAddress local() {
    return local;
  }

  /** The client's end of the connection; null before it exists. */
  @Nullable StreamEnd end() {
    return end;
  }

  @Nullable IOException failure() {
    return failure;
  }

  void establish(StreamEnd established) {
    end = established;
    client.link().touch();
  }

  void fail(IOException cause) {
    if (!abandoned) {
      failure = cause;
      client.link().touch();
    }
  }

  /** Says that nobody waits for it any more. */
  void abandon() {
    abandoned = true;
  }

  boolean isAbandoned() {
    return abandoned;
  }
}
