package asyncio.conformance.net;

import asyncio.Future;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A protocol that writes down what it is told, and can be waited for. */
class TrailProtocol implements Protocol {
  final Future<Transport> made = new Future<>();
  final Future<@Nullable Void> lost = new Future<>();
  final StringBuilder received = new StringBuilder();

  private final String name;
  private final List<String> trail;

  TrailProtocol(String name, List<String> trail) {
    this.name = name.isEmpty() ? "" : name + " ";
    this.trail = trail;
  }

  @Override
  public void connectionMade(Transport transport) throws Exception {
    trail.add(name + "made");
    made.setResult(transport);
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    String text = StandardCharsets.UTF_8.decode(data).toString();
    received.append(text);
    trail.add(name + "data " + text);
  }

  @Override
  public boolean eofReceived() {
    trail.add(name + "eof");
    return false;
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) {
    trail.add(
        name + "lost" + (exception == null ? "" : " " + exception.getClass().getSimpleName()));
    lost.setResult(null);
  }

  Transport transport() {
    return made.result();
  }
}
