package asyncio.internal.net;

import asyncio.Future;
import asyncio.Suspends;
import asyncio.net.BrokenPipeException;
import asyncio.net.ConnectionResetException;
import asyncio.net.SendfileOptions;
import asyncio.net.StreamProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** The transport of a TCP connection, or of one over a UNIX domain socket. */
public final class SocketTransport extends ChannelTransport {
  /** The blocks in which a file is read that the operating system does not send by itself. */
  private static final int FILE_BLOCK = 16 * 1024;

  private final SocketChannel socket;
  private final @Nullable SocketAddress sockname;
  private final @Nullable SocketAddress peername;

  /** The server that accepted the connection, or null. */
  private final @Nullable Attachment server;

  private @Nullable SocketView view;

  /** Who wants to know of a transport's life: its server. */
  interface Attachment {
    void attach(SocketTransport transport);

    void detach(SocketTransport transport);
  }

  /**
   * Takes over a connected channel in non-blocking mode.
   *
   * @throws IOException if it is closed
   */
  SocketTransport(
      Network network,
      SocketChannel socket,
      StreamProtocol protocol,
      Object context,
      @Nullable Attachment server)
      throws IOException {
    this.socket = socket;
    this.server = server;
    // Kept, since a closed channel does not tell them.
    SocketAddress local = socket.getLocalAddress();
    sockname = local;
    peername = socket.getRemoteAddress();
    if (local instanceof InetSocketAddress) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
    super(network, socket, protocol, context);
    if (server != null) {
      server.attach(this);
    }
  }

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    Object value =
        switch (name) {
          case "socket" -> view();
          case "sockname" -> sockname;
          case "peername" -> peername;
          default -> null;
        };
    return value == null ? otherwise : value;
  }

  private SocketView view() {
    SocketView made = view;
    if (made == null) {
      made = new SocketView(socket, sockname, peername);
      view = made;
    }
    return made;
  }

  @Override
  public boolean canWriteEof() {
    return true;
  }

  @Override
  int readChannel(ByteBuffer target) throws IOException {
    return socket.read(target);
  }

  @Override
  int writeChannel(ByteBuffer source) throws IOException {
    return socket.write(source);
  }

  @Override
  void endWriting() throws IOException {
    socket.shutdownOutput();
  }

  /** As {@link asyncio.net.NetworkLoop#sendfile}. */
  @Suspends
  long sendFile(SeekableByteChannel file, SendfileOptions options) throws IOException {
    Future<@Nullable Void> empty = reserveWriting();
    boolean wasReading = isReading();
    pauseReading();
    try {
      empty.await(IOException.class);
      return new FileSender(host, traffic, socket, this::awaitWritable, FILE_BLOCK)
          .send(file, options);
    } catch (ConnectionResetException | BrokenPipeException e) {
      fail(e, "Fatal write error on socket transport");
      throw e;
    } catch (ClosedChannelException e) {
      if (!socket.isOpen()) { // else it is the file that was closed
        fail(e, "Fatal write error on socket transport");
      }
      throw e;
    } finally {
      releaseWriting();
      if (wasReading) {
        resumeReading();
      }
    }
  }

  @Override
  public String kind() {
    return "socket";
  }

  @Override
  public @Nullable String localEnd() {
    return sockname == null ? null : sockname.toString();
  }

  @Override
  String peer() {
    return peername instanceof UnixDomainSocketAddress unix && unix.getPath().toString().isEmpty()
        ? "a client of " + sockname
        : String.valueOf(peername);
  }

  @Override
  void ended() {
    if (server != null) {
      server.detach(this);
    }
  }
}
