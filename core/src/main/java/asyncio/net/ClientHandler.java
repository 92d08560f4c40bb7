package asyncio.net;

import asyncio.Suspends;
import java.util.Objects;

/**
 * What a stream server does with each connection: {@code client_connected_cb} of {@code
 * start_server} (spec STREAM-3 to STREAM-6).
 *
 * <p>A lambda runs as a task of its own for each connection, so it may wait:
 *
 * <pre>{@code
 * startServer((reader, writer) -> {
 *   try (writer) {
 *     writer.write(reader.readLine());
 *     writer.drain();
 *   }
 * }, "localhost", 8007);
 * }</pre>
 *
 * <p>Returning does not close the connection. A task that fails is reported to the loop's exception
 * handler, and one that fails or is cancelled has its connection closed.
 */
@FunctionalInterface
public interface ClientHandler {

  /** Deals with a connection, in a task. */
  @Suspends
  void handle(StreamReader reader, StreamWriter writer) throws Exception;

  /**
   * A handler that is called back on the loop's thread when a connection is made, instead of
   * running as a task. It must not suspend. What it throws is reported, and the connection stays
   * open.
   */
  static ClientHandler callback(Callback callback) {
    return new ClientCallback(Objects.requireNonNull(callback, "callback"));
  }

  /** Is told of a connection; cannot suspend. */
  @FunctionalInterface
  interface Callback {
    void clientConnected(StreamReader reader, StreamWriter writer) throws Exception;
  }
}
