package asyncio.conformance.net;

import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.nio.channels.SocketChannel;
import java.util.List;

/** Connections without a layer on top: the transports of sockets. */
abstract class SocketSubject extends Subject {
  private final Wire wire;

  /** The channels of the connection that was made last, with which tests go behind the library. */
  SocketChannel nearChannel;

  SocketChannel farChannel;

  SocketSubject(Wire wire) {
    this.wire = wire;
  }

  final Wire wire() {
    return wire;
  }

  @Override
  protected List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception {
    Wire.Channels channels = wire.open(loop());
    nearChannel = channels.near();
    farChannel = channels.far();
    return List.of(serve(near, nearChannel), serve(far, farChannel));
  }

  /** Makes the transport of one end. */
  static Transport serve(StreamProtocol protocol, SocketChannel channel) throws Exception {
    Connection<StreamProtocol> connection =
        loop().connectAcceptedSocket(() -> protocol, channel, ServerOptions.DEFAULT);
    return connection.transport();
  }
}
