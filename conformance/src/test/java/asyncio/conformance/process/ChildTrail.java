package asyncio.conformance.process;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.process.SubprocessProtocol;
import asyncio.process.SubprocessTransport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A protocol that writes down what it is told of a child, and lets a task wait for it. */
class ChildTrail implements SubprocessProtocol {
  final List<String> trail = new ArrayList<>();
  final Throwable[] lostWith = new Throwable[3];
  SubprocessTransport transport;
  private final ByteArrayOutputStream[] outputs = {
    null, new ByteArrayOutputStream(), new ByteArrayOutputStream()
  };
  private final EventLoop loop;
  private Future<Object> event;

  ChildTrail(EventLoop loop) {
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

  /** Waits until so much text has come from 1 or 2. */
  String awaitText(int fd, int length) {
    while (outputs[fd].size() < length) {
      event.await();
    }
    return text(fd);
  }

  /** What has come from 1 or 2. */
  String text(int fd) {
    return outputs[fd].toString(StandardCharsets.UTF_8);
  }

  @Override
  public void connectionMade(SubprocessTransport transport) {
    this.transport = transport;
    add("made");
  }

  @Override
  public void pipeDataReceived(int fd, ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    outputs[fd].writeBytes(bytes);
    if (!trail.getLast().equals("data " + fd)) {
      add("data " + fd);
    } else {
      add(trail.removeLast());
    }
  }

  @Override
  public void pipeConnectionLost(int fd, Throwable exception) {
    lostWith[fd] = exception;
    add("lost " + fd);
  }

  @Override
  public void processExited() {
    add("exited");
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
    add(exception == null ? "lost" : "lost with " + exception);
  }
}
