package asyncio.conformance.process;

import asyncio.EventLoop;
import asyncio.conformance.Trail;
import asyncio.process.SubprocessProtocol;
import asyncio.process.SubprocessTransport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A protocol that writes down what it is told of a child, and lets a task wait for it. */
class ChildTrail extends Trail implements SubprocessProtocol {
  final Throwable[] lostWith = new Throwable[3];
  SubprocessTransport transport;
  private final ByteArrayOutputStream[] outputs = {
    null, new ByteArrayOutputStream(), new ByteArrayOutputStream()
  };

  ChildTrail(EventLoop loop) {
    super(loop);
  }

  /** Waits until so much text has come from 1 or 2. */
  String awaitText(int fd, int length) {
    awaitUntil(() -> outputs[fd].size() >= length);
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
