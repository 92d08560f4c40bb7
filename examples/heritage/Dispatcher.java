import static asyncio.Asyncio.*;

import asyncio.*;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Set;

/**
 * A socket with handlers, in the manner of Python's asyncore, on nothing but the loop's readers and
 * writers. Two predicates say what it is watched for; they are asked again after each handler.
 */
abstract class Dispatcher {
  static final EventLoop LOOP = newEventLoop();
  private static final Set<Dispatcher> OPEN = new HashSet<>();
  private SelectableChannel channel;

  /** Runs until no channel is left. */
  static void loop() {
    while (!OPEN.isEmpty()) {
      LOOP.runForever();
    }
  }

  // What a program overrides.

  boolean readable() {
    return true;
  }

  boolean writable() {
    return false;
  }

  void handleAccepted(SocketChannel accepted) throws IOException {
    accepted.close();
  }

  void handleConnect() throws IOException {}

  void handleRead() throws IOException {}

  void handleWrite() throws IOException {}

  void handleError(Exception error) {
    System.out.println("uncaptured " + error);
    handleClose();
  }

  void handleClose() {
    close();
  }

  // What it calls.

  /** Begins with a channel: one that listens, is connected, or is being connected. */
  void open(SelectableChannel opened) throws IOException {
    channel = opened;
    channel.configureBlocking(false);
    OPEN.add(this);
    watch();
  }

  SocketChannel socket() {
    return (SocketChannel) channel;
  }

  void close() {
    OPEN.remove(this);
    watch();
    guard(channel::close);
    if (OPEN.isEmpty()) {
      LOOP.stop();
    }
  }

  private void watch() {
    LOOP.removeReader(channel);
    LOOP.removeWriter(channel);
    boolean open = OPEN.contains(this);
    if (open && !connecting() && readable()) {
      LOOP.addReader(channel, () -> guard(this::onReadable));
    }
    if (open && (connecting() || writable())) {
      LOOP.addWriter(channel, () -> guard(this::onWritable));
    }
  }

  private boolean connecting() {
    return channel instanceof SocketChannel socket && socket.isConnectionPending();
  }

  private void guard(Action event) {
    try {
      event.run();
    } catch (Exception e) {
      handleError(e);
    }
    watch();
  }

  private void onReadable() throws IOException {
    if (channel instanceof ServerSocketChannel server) {
      handleAccepted(server.accept());
    } else {
      handleRead();
    }
  }

  private void onWritable() throws IOException {
    if (!connecting()) {
      handleWrite();
    } else if (socket().finishConnect()) {
      handleConnect();
    }
  }
}
