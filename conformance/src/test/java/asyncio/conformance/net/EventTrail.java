package asyncio.conformance.net;

import asyncio.EventLoop;
import asyncio.conformance.Trail;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A protocol that writes down what it is told, and lets a task wait for it. */
class EventTrail extends Trail implements Protocol {
  final ByteArrayOutputStream received = new ByteArrayOutputStream();
  Transport transport;
  Throwable lostWith;

  EventTrail(EventLoop loop) {
    super(loop);
  }

  /** Waits until so many bytes have come. */
  byte[] awaitBytes(int count) {
    awaitUntil(() -> received.size() >= count);
    return received.toByteArray();
  }

  @Override
  public void connectionMade(Transport transport) {
    this.transport = transport;
    add("made");
  }

  @Override
  public void dataReceived(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    received.writeBytes(bytes);
    add(bytes.length > 20 ? "data" : "data " + new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  public boolean eofReceived() {
    add("eof");
    return false;
  }

  @Override
  public void pauseWriting() {
    add("pause");
  }

  @Override
  public void resumeWriting() {
    add("resume");
  }

  @Override
  public void connectionLost(Throwable exception) {
    lostWith = exception;
    add("lost");
  }
}
