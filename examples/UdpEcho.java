import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.net.*;
import java.io.IOException;
import java.net.*;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A server that sends datagrams back, and a client that asks it once. */
void main() {
  run(() -> {
    var server =
        getRunningLoop()
            .createDatagramEndpoint(EchoServer::new, DatagramOptions.local("127.0.0.1", 0));
    try (var _ = server.transport()) {
      var address = (InetSocketAddress) server.transport().getExtraInfo("sockname");
      IO.println("the client got: " + echo("Hello World!", address));
    }
  });
}

/** Sends a text and waits for the answer. */
String echo(String text, InetSocketAddress server) throws IOException {
  var answer = new Future<String>();
  var client =
      getRunningLoop()
          .createDatagramEndpoint(
              () -> new EchoClient(answer),
              DatagramOptions.remote(server.getHostString(), server.getPort()));
  try (var _ = client.transport()) {
    client.transport().sendTo(text.getBytes(StandardCharsets.UTF_8));
    return timeout(seconds(5), () -> await(answer)); // a datagram can get lost
  }
}

static class EchoServer implements DatagramProtocol {
  private DatagramTransport transport;

  @Override
  public void connectionMade(DatagramTransport transport) {
    this.transport = transport;
  }

  @Override
  public void datagramReceived(ByteBuffer data, SocketAddress address) {
    IO.println("the server got " + data.remaining() + " bytes");
    transport.sendTo(data, address);
  }
}

static class EchoClient implements DatagramProtocol {
  private final Future<String> answer;

  EchoClient(Future<String> answer) {
    this.answer = answer;
  }

  @Override
  public void datagramReceived(ByteBuffer data, SocketAddress address) {
    answer.setResult(StandardCharsets.UTF_8.decode(data).toString());
  }

  @Override
  public void errorReceived(IOException exception) {
    answer.setException(exception); // nobody listens there, for instance
  }
}
