package asyncio.conformance.net;

import asyncio.net.Protocol;
import asyncio.net.Server;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** What tests with servers share. */
final class Servers {
  /** Makes protocols that do nothing. */
  static final Supplier<StreamProtocol> SILENT = () -> new Protocol() {};

  private Servers() {}

  static InetSocketAddress address(Server server) {
    return (InetSocketAddress) server.sockets().getFirst().getsockname();
  }

  static int port(Server server) {
    return address(server).getPort();
  }

  /** Sends everything back. */
  static final class Echo implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport made) {
      transport = made;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }
  }
}
