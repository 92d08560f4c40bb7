package asyncio;

import asyncio.net.ClientHandler;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.net.StreamWriter;
import asyncio.net.Streams;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;

/** Connections and servers with a reader and a writer in place of a protocol. */
final class StreamCalls {

  /** Makes a connection with the protocol of a factory. */
  interface Connect {
    Connection<StreamReaderProtocol> by(EventLoop loop, Supplier<StreamReaderProtocol> factory)
        throws IOException;
  }

  /** Starts a server with the protocols of a factory. */
  interface Serve {
    Server by(EventLoop loop, Supplier<StreamReaderProtocol> factory) throws IOException;
  }

  private StreamCalls() {}

  static Streams open(ConnectOptions options, Connect connect) throws IOException {
    EventLoop loop = Asyncio.getRunningLoop();
    StreamReader reader = new StreamReader(options.limit(), loop);
    StreamReaderProtocol protocol = new StreamReaderProtocol(reader);
    Connection<?> connection = connect.by(loop, () -> protocol);
    return new Streams(reader, new StreamWriter(connection.transport(), protocol, reader));
  }

  static Server serve(ClientHandler handler, ServerOptions options, Serve serve)
      throws IOException {
    Objects.requireNonNull(handler, "handler");
    EventLoop loop = Asyncio.getRunningLoop();
    int limit = options.limit();
    return serve.by(loop, () -> new StreamReaderProtocol(new StreamReader(limit, loop), handler));
  }
}
