package asyncio.net;

import asyncio.Suspends;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an event loop does for connections, servers and datagram endpoints (PEP 3156 'Internet name
 * lookups', 'Internet connections'). A loop without I/O throws {@link
 * UnsupportedOperationException} from all of it.
 *
 * <p>A factory makes the protocol: it is called once for each connection, on the loop's thread, and
 * may return one that exists.
 *
 * <p><b>Cancellation:</b> a call that is cancelled, or fails, closes every socket that it has
 * opened (spec CONN-19).
 */
public interface NetworkLoop {

  // ---- connections

  /** As {@link #createConnection(Supplier, String, int, ConnectOptions)}, with plain TCP. */
  @Suspends
  default <P extends StreamProtocol> Connection<P> createConnection(
      Supplier<? extends P> factory, @Nullable String host, int port) throws IOException {
    return createConnection(factory, host, port, ConnectOptions.DEFAULT);
  }

  /**
   * Connects to a host and makes a transport and a protocol for the connection; returns after
   * {@code connectionMade} has run (spec CONN-1 to CONN-28).
   *
   * @param host a name or an address; null for this machine
   * @throws IOException if no address of the host could be connected to; its text names them
   * @throws IllegalArgumentException if the options contradict each other
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  default <P extends StreamProtocol> Connection<P> createConnection(
      Supplier<? extends P> factory, @Nullable String host, int port, ConnectOptions options)
      throws IOException {
    return createConnection(factory, host, Integer.toString(port), options);
  }

  /**
   * As {@link #createConnection(Supplier, String, int, ConnectOptions)}, for a port that may be the
   * name of a service.
   *
   * @param service a number, a name or, with {@code host} null too, null if the options have the
   *     socket
   */
  @Suspends
  default <P extends StreamProtocol> Connection<P> createConnection(
      Supplier<? extends P> factory,
      @Nullable String host,
      @Nullable String service,
      ConnectOptions options)
      throws IOException {
    throw Unsupported.by(this, "createConnection");
  }

  /** Makes a transport and a protocol for the channel in the options (spec CONN-6). */
  @Suspends
  default <P extends StreamProtocol> Connection<P> createConnection(
      Supplier<? extends P> factory, ConnectOptions options) throws IOException {
    return createConnection(factory, null, null, options);
  }

  /**
   * Makes the server's end of a connection that was accepted elsewhere (spec CONN-29, CONN-30).
   *
   * @param options for TLS; the rest is not used
   */
  @Suspends
  default <P extends StreamProtocol> Connection<P> connectAcceptedSocket(
      Supplier<? extends P> factory, SocketChannel socket, ServerOptions options)
      throws IOException {
    throw Unsupported.by(this, "connectAcceptedSocket");
  }

  /** Connects to a UNIX domain socket (spec UNIX-1 to UNIX-4). */
  @Suspends
  default <P extends StreamProtocol> Connection<P> createUnixConnection(
      Supplier<? extends P> factory, @Nullable Path path, ConnectOptions options)
      throws IOException {
    throw Unsupported.by(this, "createUnixConnection");
  }

  /** As {@link #createUnixConnection(Supplier, Path, ConnectOptions)}, without TLS. */
  @Suspends
  default <P extends StreamProtocol> Connection<P> createUnixConnection(
      Supplier<? extends P> factory, Path path) throws IOException {
    return createUnixConnection(factory, path, ConnectOptions.DEFAULT);
  }

  // ---- TLS in mid-stream

  /**
   * Upgrades a connection to TLS, as the client (spec TLS-37 to TLS-42).
   *
   * <p>The protocol is not told of a new connection: it goes on with the decrypted bytes, and hears
   * once that the connection is lost. If the upgrade fails or is cancelled the connection is
   * closed.
   *
   * @param transport to be upgraded, and not to be used again
   * @param options with the TLS context, and the {@linkplain ConnectOptions#withServerHostname
   *     name} of the server; the rest is not used
   * @return the transport to use from now on
   * @throws IOException if the handshake fails
   */
  @Suspends
  default Transport startTls(Transport transport, StreamProtocol protocol, ConnectOptions options)
      throws IOException {
    throw Unsupported.by(this, "startTls");
  }

  /** As {@link #startTls(Transport, StreamProtocol, ConnectOptions)}, as the server. */
  @Suspends
  default Transport startTls(Transport transport, StreamProtocol protocol, ServerOptions options)
      throws IOException {
    throw Unsupported.by(this, "startTls");
  }

  // ---- servers

  /**
   * As {@link #createServer(Supplier, List, String, ServerOptions)}, on one host with plain TCP.
   */
  @Suspends
  default Server createServer(
      Supplier<? extends StreamProtocol> factory, @Nullable String host, int port)
      throws IOException {
    return createServer(factory, host, port, ServerOptions.DEFAULT);
  }

  /** As {@link #createServer(Supplier, List, String, ServerOptions)}, on one host. */
  @Suspends
  default Server createServer(
      Supplier<? extends StreamProtocol> factory,
      @Nullable String host,
      int port,
      ServerOptions options)
      throws IOException {
    return createServer(
        factory, host == null ? List.of() : List.of(host), Integer.toString(port), options);
  }

  /**
   * Listens on every address of the hosts (spec SRV-1 to SRV-14).
   *
   * @param hosts names or addresses; empty, or an empty name, for all interfaces
   * @param service a port, 0 for any, or the name of a service; null if the options have the socket
   * @throws IOException if an address cannot be bound; its text names it
   */
  @Suspends
  default Server createServer(
      Supplier<? extends StreamProtocol> factory,
      List<String> hosts,
      @Nullable String service,
      ServerOptions options)
      throws IOException {
    throw Unsupported.by(this, "createServer");
  }

  /** Serves on the channel in the options (spec SRV-6). */
  @Suspends
  default Server createServer(Supplier<? extends StreamProtocol> factory, ServerOptions options)
      throws IOException {
    return createServer(factory, List.of(), null, options);
  }

  /**
   * As {@link #sharePort(String, int, SharedPort.Spread, ServerOptions)}, with plain TCP, spread in
   * the way that suits the system.
   */
  @Suspends
  default SharedPort sharePort(@Nullable String host, int port) throws IOException {
    return sharePort(host, port, null, ServerOptions.DEFAULT);
  }

  /**
   * Opens a port on which several loops serve: see {@link SharedPort}.
   *
   * @param host a name or an address; null or empty for all interfaces
   * @param port 0 for any
   * @param spread how connections are spread; null for {@link SharedPort.Spread#KERNEL} on Linux
   *     and {@link SharedPort.Spread#ROUND_ROBIN} elsewhere
   * @param options of each server; whether ports are reused follows from {@code spread}
   * @throws IOException if an address cannot be bound; its text names it
   * @throws IllegalArgumentException if the kernel is to spread connections and this system has no
   *     {@code SO_REUSEPORT}, or if the options have a socket
   */
  @Suspends
  default SharedPort sharePort(
      @Nullable String host, int port, SharedPort.@Nullable Spread spread, ServerOptions options)
      throws IOException {
    throw Unsupported.by(this, "sharePort");
  }

  /**
   * Serves on a port that is shared with other loops; on this loop, which need not be the one that
   * opened the port.
   *
   * @throws IllegalStateException if the port is closed
   * @throws IOException if this server's own socket cannot be bound
   */
  @Suspends
  default Server createServer(Supplier<? extends StreamProtocol> factory, SharedPort port)
      throws IOException {
    throw Unsupported.by(this, "createServer");
  }

  /** Listens on a UNIX domain socket (spec UNIX-1 to UNIX-8). */
  @Suspends
  default Server createUnixServer(
      Supplier<? extends StreamProtocol> factory, @Nullable Path path, ServerOptions options)
      throws IOException {
    throw Unsupported.by(this, "createUnixServer");
  }

  /** As {@link #createUnixServer(Supplier, Path, ServerOptions)}, without TLS. */
  @Suspends
  default Server createUnixServer(Supplier<? extends StreamProtocol> factory, Path path)
      throws IOException {
    return createUnixServer(factory, path, ServerOptions.DEFAULT);
  }

  // ---- pipes

  /**
   * Reads a pipe: makes a transport and a protocol for it; returns after {@code connectionMade} has
   * run (spec PIPE-1 to PIPE-5).
   *
   * <p>The transport owns the pipe and closes it at the end: after an end-of-file, whatever {@code
   * eofReceived} returns, after an error, which is reported, or after {@code close}. What belongs
   * to writing throws {@link UnsupportedOperationException}.
   *
   * <p><b>Threading:</b> {@link java.nio.channels.Pipe} ends and sockets are selected. Any other
   * channel can only block; a daemon thread reads it, on demand, and closing the transport closes
   * the channel, which has to end the thread's read.
   *
   * @param pipe the end of a pipe, a stream socket, the channel of a FIFO or of a terminal, {@link
   *     StandardStreams#in}, or one that {@link java.nio.channels.Channels} made of an input stream
   * @throws IllegalArgumentException if it is the channel of a regular file
   * @throws IOException if it is closed
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  default <P extends StreamProtocol> ReadPipe<P> connectReadPipe(
      Supplier<? extends P> factory, ReadableByteChannel pipe) throws IOException {
    throw Unsupported.by(this, "connectReadPipe");
  }

  /**
   * Opens a FIFO, or a character device such as a terminal, and reads it. The opening waits until
   * somebody opens the other end of the FIFO; it can be cancelled.
   *
   * @throws IllegalArgumentException if there is something else at {@code path}
   * @throws java.nio.file.NoSuchFileException if there is nothing
   */
  @Suspends
  default <P extends StreamProtocol> ReadPipe<P> connectReadPipe(
      Supplier<? extends P> factory, Path path) throws IOException {
    throw Unsupported.by(this, "connectReadPipe");
  }

  /**
   * Writes a pipe: makes a transport and a protocol for it; returns after {@code connectionMade}
   * has run (spec PIPE-6 to PIPE-12). The protocol hears of {@code pauseWriting}, {@code
   * resumeWriting} and {@code connectionLost} besides.
   *
   * <p>The transport owns the pipe and closes it at the end. {@code writeEof} is {@code close};
   * what is written after that is dropped. That the reader is gone is noticed at the next write, or
   * at once while bytes wait to be sent.
   *
   * <p><b>Threading:</b> as {@link #connectReadPipe(Supplier, ReadableByteChannel)}.
   *
   * @throws IllegalArgumentException if it is the channel of a regular file
   * @throws IOException if it is closed
   */
  @Suspends
  default <P extends StreamProtocol> WritePipe<P> connectWritePipe(
      Supplier<? extends P> factory, WritableByteChannel pipe) throws IOException {
    throw Unsupported.by(this, "connectWritePipe");
  }

  /** Opens a FIFO or a character device, as the other way of reading one does, and writes it. */
  @Suspends
  default <P extends StreamProtocol> WritePipe<P> connectWritePipe(
      Supplier<? extends P> factory, Path path) throws IOException {
    throw Unsupported.by(this, "connectWritePipe");
  }

  // ---- datagrams

  /**
   * Makes an endpoint that sends and receives datagrams, and its protocol; returns after {@code
   * connectionMade} has run (spec DG-1 to DG-10).
   *
   * @throws IOException if a host is not known, or no address of it can be used: the first error
   * @throws IllegalArgumentException if the options contradict each other
   * @throws UnsupportedOperationException for the UNIX family: the JVM has no such datagrams
   * @throws IllegalStateException if the caller is not a task
   */
  @Suspends
  default <P extends DatagramProtocol> DatagramEndpoint<P> createDatagramEndpoint(
      Supplier<? extends P> factory, DatagramOptions options) throws IOException {
    throw Unsupported.by(this, "createDatagramEndpoint");
  }

  // ---- files

  /** As {@link #sendfile(WriteTransport, SeekableByteChannel, SendfileOptions)}, all of it. */
  @Suspends
  default long sendfile(WriteTransport transport, SeekableByteChannel file) throws IOException {
    return sendfile(transport, file, SendfileOptions.DEFAULT);
  }

  /**
   * Sends a file behind what was written, and returns when the operating system, or the transport,
   * has taken it (spec SENDFILE-1 to SENDFILE-8). Afterwards, whatever happened, the position of
   * the file is behind what was sent.
   *
   * <p>Meanwhile {@code write} of the transport is refused, unless it is one of the program's own,
   * and reading is paused. Sockets without TLS send a {@link java.nio.channels.FileChannel} as
   * {@link SocketLoop#sockSendfile(java.nio.channels.SocketChannel, SeekableByteChannel,
   * SendfileOptions) sockSendfile} does; everything else is the fallback: blocks of 16 KiB are read
   * in the default executor and written.
   *
   * <p><b>Cancellation:</b> what was sent up to then has gone out; the connection stays usable.
   *
   * @param file open for reading; not to be used by others meanwhile
   * @return how many bytes were sent
   * @throws java.net.SocketException if the connection is lost meanwhile; the transport is closing
   *     then
   * @throws IllegalStateException if the transport is closing, or sends a file already
   * @throws SendfileNotAvailableException if only the fallback would work, which the options forbid
   */
  @Suspends
  default long sendfile(WriteTransport transport, SeekableByteChannel file, SendfileOptions options)
      throws IOException {
    throw Unsupported.by(this, "sendfile");
  }
}
