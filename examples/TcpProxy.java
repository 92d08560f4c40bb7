import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Passes connections on to another server: {@code TcpProxy HOST PORT TARGET_HOST TARGET_PORT}, at
 * port 0 on any free one, until Ctrl-C. Without arguments it passes on to a server of its own.
 *
 * <p>Two protocols, one for each side, hand each other what arrives. While one side takes no more
 * the other one is not read, so its sender waits, and little is kept here.
 */
class TcpProxy {
  void main(String[] args) {
    run(() -> {
      if (args.length == 4) {
        Server proxy = listen(args[0], args[1], args[2], Integer.parseInt(args[3]));
        InetSocketAddress address = address(proxy);
        System.out.println("listening on " + address.getHostString() + " " + address.getPort());
        proxy.serveForever();
      } else {
        rehearse();
      }
    });
  }

  Server listen(String host, String port, String targetHost, int targetPort) throws IOException {
    return getRunningLoop()
        .createServer(() -> new Client(targetHost, targetPort), host, Integer.parseInt(port));
  }

  InetSocketAddress address(Server server) {
    return (InetSocketAddress) server.sockets().getFirst().getsockname();
  }

  /** One end of the proxy; what it hears goes to the other end. */
  abstract static class End implements Protocol {
    Transport transport;
    End other;
    boolean ended;

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      other.transport.write(data);
    }

    @Override
    public boolean eofReceived() {
      ended = true;
      if (other.ended) {
        return false; // both directions are at their end: closes this, and that closes the other
      }
      other.transport.writeEof();
      return true; // the other direction goes on
    }

    @Override
    public void pauseWriting() {
      other.transport.pauseReading();
    }

    @Override
    public void resumeWriting() {
      other.transport.resumeReading();
    }

    @Override
    public void connectionLost(Throwable exception) {
      if (other != null) {
        other.transport.close();
      }
    }
  }

  /** The end to the target. */
  static class Target extends End {}

  /** The end to a client, which waits until the target is there. */
  static class Client extends End {
    final String host;
    final int port;

    Client(String host, int port) {
      this.host = host;
      this.port = port;
    }

    @Override
    public void connectionMade(Transport transport) {
      super.connectionMade(transport);
      transport.pauseReading();
      createTask(this::connect);
    }

    void connect() {
      try {
        var connection = getRunningLoop().createConnection(Target::new, host, port);
        Target target = connection.protocol();
        if (transport.isClosing()) { // the client did not wait
          connection.transport().close();
          return;
        }
        target.other = this;
        other = target;
        transport.resumeReading();
      } catch (IOException e) {
        System.err.println(e.getMessage());
        transport.abort();
      }
    }
  }

  // ---- itself

  void rehearse() throws IOException {
    Server target = startServer(this::greet, "127.0.0.1", 0);
    Server proxy = listen("127.0.0.1", "0", "127.0.0.1", address(target).getPort());
    try (var _ = target.scope();
        var _ = proxy.scope();
        var client = openConnection("127.0.0.1", address(proxy).getPort())) {
      client.writer().writeUtf8("proxy");
      client.writer().writeEof();
      System.out.println(new String(client.reader().readAll()));
    }
  }

  void greet(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      writer.writeUtf8("hello, " + new String(reader.readAll()));
    }
  }
}
