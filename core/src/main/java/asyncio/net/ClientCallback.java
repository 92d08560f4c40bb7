package asyncio.net;

/** A handler that is a plain callback. */
record ClientCallback(Callback callback) implements ClientHandler {
  @Override
  public void handle(StreamReader reader, StreamWriter writer) throws Exception {
    callback.clientConnected(reader, writer);
  }
}
