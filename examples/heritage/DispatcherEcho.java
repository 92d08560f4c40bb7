import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** An echo server and a client on dispatchers; ends when all sockets are closed. */
class DispatcherEcho {

  static class Server extends Dispatcher {
    @Override
    void handleAccepted(SocketChannel accepted) throws IOException {
      new Connection().open(accepted);
      close(); // one client is enough
    }
  }

  /** Reads until it has something to send back, and sends that before it reads on. */
  static class Connection extends Dispatcher {
    private final ByteBuffer data = ByteBuffer.allocate(1024).limit(0);

    @Override
    boolean readable() {
      return !data.hasRemaining();
    }

    @Override
    boolean writable() {
      return data.hasRemaining();
    }

    @Override
    void handleRead() throws IOException {
      int count = socket().read(data.clear());
      data.flip();
      if (count < 0) {
        System.out.println("the client has closed its end");
        handleClose();
      }
    }

    @Override
    void handleWrite() throws IOException {
      socket().write(data);
    }
  }

  static class Client extends Dispatcher {
    private final ByteBuffer answer = ByteBuffer.allocate(5);

    @Override
    void handleConnect() throws IOException {
      socket().write(ByteBuffer.wrap("hello".getBytes()));
    }

    @Override
    void handleRead() throws IOException {
      socket().read(answer);
      if (!answer.hasRemaining()) {
        System.out.println(new String(answer.array()));
        close();
      }
    }
  }

  void main() throws IOException {
    var listening =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    new Server().open(listening);
    SocketChannel connecting = SocketChannel.open();
    connecting.configureBlocking(false);
    connecting.connect(listening.getLocalAddress());
    new Client().open(connecting);
    Dispatcher.loop();
    System.out.println("no channel is left");
  }
}
