import static asyncio.Asyncio.*;

import asyncio.net.*;
import java.nio.ByteBuffer;

/** Sends back what comes in on port 1234, one protocol object for each connection. */
class TwistedEchoServer {
  static final int PORT = Integer.getInteger("port", 1234);

  static class Echo implements Protocol {
    Transport transport;

    public void connectionMade(Transport transport) {
      this.transport = transport;
    }

    public void dataReceived(ByteBuffer data) {
      transport.write(data);
    }
  }

  void main() {
    run(() -> Endpoints.serverFromString("tcp:" + PORT).listen(Echo::new).serveForever());
  }
}
