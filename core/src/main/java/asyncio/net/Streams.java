package asyncio.net;

/**
 * A connection as two streams: what {@code openConnection} returns.
 *
 * <p>In a try-with-resources statement the connection is closed, as {@link StreamWriter#close} does
 * it, when the block ends.
 */
public record Streams(StreamReader reader, StreamWriter writer) implements AutoCloseable {

  /** Closes the connection. Does not wait. */
  @Override
  public void close() {
    writer.close();
  }
}
