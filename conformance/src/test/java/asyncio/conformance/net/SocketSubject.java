package asyncio.conformance.net;

import asyncio.net.Connection;
import asyncio.net.ServerOptions;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** Connections without a layer on top: the transports of sockets. */
abstract class SocketSubject extends Subject {
  private final Wire wire;
  private final List<SocketChannel> owned = new ArrayList<>();

  /** The channels of the connection that was made last, with which tests go behind the library. */
  SocketChannel nearChannel;

  SocketChannel farChannel;

  /** Whom the near end of that connection talks to. */
  SocketAddress nearPeer;

  SocketSubject(Wire wire) {
    this.wire = wire;
  }

  final Wire wire() {
    return wire;
  }

  @Override
  public int tooMuch() {
    return wire == Wire.TRICKLE ? 70_000 : super.tooMuch();
  }

  @Override
  protected List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception {
    Wire.Channels channels = wire.open(loop());
    nearChannel = channels.near();
    farChannel = channels.far();
    nearPeer = nearChannel.getRemoteAddress();
    return List.of(serve(near, nearChannel), serve(far, farChannel));
  }

  /** Makes the transport of one end. */
  static Transport serve(StreamProtocol protocol, SocketChannel channel) throws Exception {
    Connection<StreamProtocol> connection =
        loop().connectAcceptedSocket(() -> protocol, channel, ServerOptions.DEFAULT);
    return connection.transport();
  }

  /** Has a channel closed after the test. */
  final void own(SocketChannel channel) {
    owned.add(channel);
  }

  @AfterEach
  void closeChannels() throws IOException {
    for (SocketChannel channel : owned) {
      channel.close();
    }
    owned.clear();
  }
}
