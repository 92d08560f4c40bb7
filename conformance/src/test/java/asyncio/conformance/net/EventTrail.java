package asyncio.conformance.net;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.net.Protocol;
import asyncio.net.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A protocol that writes down what it is told, and lets a task wait for it. */
class EventTrail implements Protocol {
  final List<String> trail = new ArrayList<>();
  final ByteArrayOutputStream received = new ByteArrayOutputStream();
  Transport transport;
  Throwable lostWith;
  private final EventLoop loop;
  private Future<Object> event;

  EventTrail(EventLoop loop) {
    this.loop = loop;
    this.event = loop.createFuture();
  }

  void add(String what) {
    trail.add(what);
    Future<Object> told = event;
    event = loop.createFuture();
    told.setResult(null);
  }

  /** Waits until the trail has {@code what}. */
  void awaitEvent(String what) {
    while (!trail.contains(what)) {
      event.await();
    }
  }

  /** Waits until so many bytes have come. */
  byte[] awaitBytes(int count) {
    while (received.size() < count) {
      event.await();
    }
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
