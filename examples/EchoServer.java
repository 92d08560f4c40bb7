import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Sends back what it receives: {@code EchoServer HOST PORT [--streams | --protocol | --sockets]},
 * at port 0 on any free one, until Ctrl-C. Without arguments it tries the three styles on itself.
 */
class EchoServer {
  static final int SIZE = 64 * 1024;

  /** Where the server listens, as soon as it does. */
  Future<InetSocketAddress> listening;

  void main(String[] args) {
    run(() -> {
      if (args.length >= 2) {
        serve(args.length > 2 ? args[2] : "--streams", args[0], Integer.parseInt(args[1]));
      } else {
        for (String style : new String[] {"--streams", "--protocol", "--sockets"}) {
          rehearse(style);
        }
      }
    });
  }

  void serve(String style, String host, int port) throws IOException {
    listening = getRunningLoop().createFuture();
    switch (style) {
      case "--streams" -> serveForever(startServer(this::echo, host, port));
      case "--protocol" ->
          serveForever(getRunningLoop().createServer(EchoProtocol::new, host, port));
      case "--sockets" -> serveSockets(host, port);
      default -> throw new IllegalArgumentException("no such style: " + style);
    }
  }

  void serveForever(Server server) {
    announce((InetSocketAddress) server.sockets().getFirst().getsockname());
    server.serveForever();
  }

  void announce(InetSocketAddress address) {
    System.out.println("listening on " + address.getHostString() + " " + address.getPort());
    listening.setResult(address);
  }

  // ---- streams: a task for each connection, which reads and writes

  void echo(StreamReader reader, StreamWriter writer) {
    try (writer) {
      for (byte[] bytes = reader.read(SIZE); bytes.length > 0; bytes = reader.read(SIZE)) {
        writer.write(bytes);
        writer.drain(); // waits if the client is slower than this
      }
    } catch (IOException e) {
      // the client is gone
    }
  }

  // ---- protocol: callbacks for each connection, no task

  static class EchoProtocol implements Protocol {
    private Transport transport;

    @Override
    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    @Override
    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }

    @Override
    public void pauseWriting() {
      transport.pauseReading(); // the client does not take what is here already
    }

    @Override
    public void resumeWriting() {
      transport.resumeReading();
    }
  }

  // ---- sockets: the loop's operations on channels of the JDK's

  void serveSockets(String host, int port) throws IOException {
    EventLoop loop = getRunningLoop();
    try (var listener = ServerSocketChannel.open()) {
      listener.configureBlocking(false);
      listener.bind(loop.getaddrinfo(host, port, AddressOptions.DEFAULT).getFirst().address());
      announce((InetSocketAddress) listener.getLocalAddress());
      while (true) {
        SocketChannel channel = loop.sockAccept(listener).channel();
        createTask(() -> echo(loop, channel));
      }
    }
  }

  void echo(EventLoop loop, SocketChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(SIZE);
    try (channel) {
      while (loop.sockRecvInto(channel, buffer.clear()) > 0) {
        loop.sockSendall(channel, buffer.flip());
      }
    } catch (IOException e) {
      // the client is gone
    }
  }

  // ---- itself

  void rehearse(String style) throws IOException {
    var server = createTask(() -> serve(style, "127.0.0.1", 0));
    sleep(millis(0)); // lets it begin
    InetSocketAddress address = await(listening);
    try (var client = openConnection(address.getHostString(), address.getPort())) {
      client.writer().writeUtf8("hello, " + style + "\n");
      System.out.println(client.reader().readUtf8Line());
    }
    server.cancel();
    Asyncio.wait(java.util.List.of(server));
  }
}
