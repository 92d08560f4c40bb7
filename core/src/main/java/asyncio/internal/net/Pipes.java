package asyncio.internal.net;

import asyncio.Future;
import asyncio.inspect.WaitKind;
import asyncio.internal.inspect.NamedWait;
import asyncio.net.ReadPipe;
import asyncio.net.StreamProtocol;
import asyncio.net.WritePipe;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the transports of pipes that a program has (spec PIPE-1 to PIPE-14). */
public final class Pipes {
  private static final int KIND = 0170000;
  private static final int FIFO = 0010000;
  private static final int CHARACTER_DEVICE = 0020000;

  private Pipes() {}

  public static <P extends StreamProtocol> ReadPipe<P> connectRead(
      Network network, Supplier<? extends P> factory, ReadableByteChannel pipe) throws IOException {
    checkKind(pipe);
    return read(network, factory, pipe);
  }

  public static <P extends StreamProtocol> ReadPipe<P> connectRead(
      Network network, Supplier<? extends P> factory, Path path) throws IOException {
    network.host.checkMayWait("connectReadPipe");
    FileChannel pipe = open(network, path, StandardOpenOption.READ);
    return closingIfItFails(pipe, () -> read(network, factory, pipe));
  }

  private static <P extends StreamProtocol> ReadPipe<P> read(
      Network network, Supplier<? extends P> factory, ReadableByteChannel pipe) throws IOException {
    P protocol = Objects.requireNonNull(factory.get(), "the protocol factory returned null");
    ReadPipeTransport transport =
        ReadPipeTransport.on(network, pipe, protocol, network.host.captureContext());
    transport.startAndWait();
    network.host.logInDebugMode(
        Level.DEBUG, () -> "read pipe connected: " + transport + ", for " + protocol);
    return new ReadPipe<>(transport, protocol);
  }

  public static <P extends StreamProtocol> WritePipe<P> connectWrite(
      Network network, Supplier<? extends P> factory, WritableByteChannel pipe) throws IOException {
    checkKind(pipe);
    return write(network, factory, pipe);
  }

  public static <P extends StreamProtocol> WritePipe<P> connectWrite(
      Network network, Supplier<? extends P> factory, Path path) throws IOException {
    network.host.checkMayWait("connectWritePipe");
    FileChannel pipe = open(network, path, StandardOpenOption.WRITE);
    return closingIfItFails(pipe, () -> write(network, factory, pipe));
  }

  private static <P extends StreamProtocol> WritePipe<P> write(
      Network network, Supplier<? extends P> factory, WritableByteChannel pipe) throws IOException {
    P protocol = Objects.requireNonNull(factory.get(), "the protocol factory returned null");
    WritePipeTransport transport =
        WritePipeTransport.on(network, pipe, protocol, network.host.captureContext());
    transport.startAndWait();
    network.host.logInDebugMode(
        Level.DEBUG, () -> "write pipe connected: " + transport + ", for " + protocol);
    return new WritePipe<>(transport, protocol);
  }

  private interface Connecting<T> {
    T connect() throws IOException;
  }

  /** For a pipe that the caller does not know of. */
  private static <T> T closingIfItFails(Channel pipe, Connecting<T> connecting) throws IOException {
    try {
      return connecting.connect();
    } catch (Throwable t) {
      pipe.close();
      throw t;
    }
  }

  // ---- what is a pipe

  private static void checkKind(Channel pipe) throws IOException {
    Objects.requireNonNull(pipe, "pipe");
    if (pipe instanceof DatagramChannel) {
      throw new IllegalArgumentException(
          "pipe: "
              + pipe
              + " carries no stream of bytes; use a pipe, a stream socket or a character device");
    }
    if (pipe instanceof FileChannel file && isPositioned(file)) {
      throw new IllegalArgumentException(
          "pipe: this channel is of a regular file, which is always ready; a pipe, a stream socket or a"
              + " character device is needed. Read and write files with runInExecutor");
    }
    if (pipe instanceof SelectableChannel selectable && selectable.isOpen()) {
      selectable.configureBlocking(false);
    }
  }

  /** Whether it has a position, which the channel of a pipe or of a terminal has not. */
  private static boolean isPositioned(FileChannel file) throws IOException {
    if (!file.isOpen()) {
      return false; // whoever uses it finds out
    }
    try {
      return file.position() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  // ---- opening one by its path

  /** Opens a FIFO or a character device; suspends until a FIFO has somebody at its other end. */
  private static FileChannel open(Network network, Path path, OpenOption direction)
      throws IOException {
    int kind = (int) Files.getAttribute(path, "unix:mode") & KIND;
    if (kind != FIFO && kind != CHARACTER_DEVICE) {
      throw new IllegalArgumentException(
          "path: "
              + path
              + " is no FIFO and no character device; read and write files with runInExecutor, and"
              + " connect to sockets with createUnixConnection");
    }
    Opening opening = new Opening(network, path, direction);
    PipeThreads.start(opening);
    try {
      return opening.opened.await(IOException.class);
    } catch (Throwable t) {
      opening.giveUp();
      throw t;
    }
  }

  /**
   * The opening of a FIFO, on a thread of its own, since it blocks until the other end is opened
   * and cannot be interrupted.
   */
  private static final class Opening implements Runnable {
    private final Network network;
    private final Path path;
    private final OpenOption direction;
    final Future<FileChannel> opened;

    /** Guarded by this. */
    private boolean finished;

    /** What stands in for the other end, so that a given up opening ends. Guarded by this. */
    private @Nullable FileChannel otherEnd;

    private boolean givenUp;

    Opening(Network network, Path path, OpenOption direction) {
      this.network = network;
      this.path = path;
      this.direction = direction;
      this.opened = new NamedWait<>(network.host.loop(), WaitKind.THREAD, "opening of", path);
    }

    @Override
    public void run() {
      FileChannel channel = null;
      IOException failure = null;
      try {
        channel = FileChannel.open(path, direction);
      } catch (IOException e) {
        failure = e;
      }
      FileChannel made = channel;
      IOException failed = failure;
      synchronized (this) {
        finished = true;
        closeQuietly(otherEnd);
        if (givenUp) {
          closeQuietly(made);
          return;
        }
      }
      network.host.callFromAnywhere(() -> arrived(made, failed), () -> closeQuietly(made));
    }

    private void arrived(@Nullable FileChannel channel, @Nullable IOException failure) {
      if (opened.isDone()) {
        closeQuietly(channel);
      } else if (channel != null) {
        opened.setResult(channel);
      } else {
        opened.setException(Objects.requireNonNull(failure));
      }
    }

    synchronized void giveUp() {
      givenUp = true;
      if (!finished) {
        try { // read-write, which never blocks; kept until the opening has ended
          otherEnd = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
          // gone meanwhile: then the thread, a daemon, may wait for ever
        }
      }
    }

    private static void closeQuietly(@Nullable Channel channel) {
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException e) {
        // nothing was written to it
      }
    }
  }
}
