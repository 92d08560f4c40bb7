package asyncio.net;

import asyncio.EventLoop;
import asyncio.Suspends;
import java.util.List;

/**
 * Listens on one or more sockets and makes a protocol for each connection it accepts (spec SRV-1 to
 * SRV-38).
 *
 * <p>The loop keeps a serving server; the program need not.
 *
 * <p><b>Threading:</b> loop-confined.
 */
public interface Server extends AbstractServer {

  @Override
  EventLoop getLoop();

  /** The sockets it listens on; empty after {@link #close}. A copy. */
  List<TransportSocket> sockets();

  /** Whether it accepts connections: from the start of serving until {@link #close}. */
  boolean isServing();

  /**
   * Begins to accept connections; does nothing if that has happened.
   *
   * @throws IllegalStateException if the server is closed
   */
  void startServing();

  /**
   * Begins to accept connections if need be, and waits until the server is closed. Cancelling the
   * caller closes the server, and waits as {@link #waitClosed} does.
   *
   * @throws asyncio.CancelledError when the server is closed, or the caller is cancelled
   * @throws IllegalStateException if the server is closed, or another task is in this call
   */
  @Suspends
  void serveForever();

  /** Stops accepting and closes the listening sockets at once; connections go on. Idempotent. */
  @Override
  void close();

  /** Closes the transport of each connection, as {@link Transport#close} does; goes on serving. */
  void closeClients();

  /** Ends each connection at once, as {@link Transport#abort} does; goes on serving. */
  void abortClients();

  /** Waits until {@link #close} was called and the last connection is lost, in either order. */
  @Override
  @Suspends
  void waitClosed();

  /**
   * For try-with-resources in a task: at the end of the block the server is closed and {@linkplain
   * #waitClosed waited for}.
   */
  default Scope scope() {
    return () -> {
      close();
      waitClosed();
    };
  }

  /** A block at whose end a server is closed. */
  interface Scope extends AutoCloseable {

    /** Closes the server and waits until its last connection is lost. */
    @Override
    @Suspends
    void close();
  }
}
