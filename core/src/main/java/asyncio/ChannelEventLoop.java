package asyncio;

import asyncio.internal.loop.IoPoller;
import asyncio.internal.net.Network;
import asyncio.internal.net.Pipes;
import asyncio.internal.net.SocketOperations;
import asyncio.internal.process.ChildProcesses;
import asyncio.net.AcceptedSocket;
import asyncio.net.ConnectOptions;
import asyncio.net.Connection;
import asyncio.net.DatagramEndpoint;
import asyncio.net.DatagramOptions;
import asyncio.net.DatagramProtocol;
import asyncio.net.ReadPipe;
import asyncio.net.ReceivedDatagram;
import asyncio.net.ReceivedInto;
import asyncio.net.SendfileOptions;
import asyncio.net.Server;
import asyncio.net.ServerOptions;
import asyncio.net.SharedPort;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import asyncio.net.WritePipe;
import asyncio.net.WriteTransport;
import asyncio.process.ChildProcess;
import asyncio.process.ProcessOptions;
import asyncio.process.SubprocessProtocol;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the event loops with I/O have in common: connections, servers, datagrams, pipes, child
 * processes and the readiness of channels, by the real clock.
 *
 * <p>How such a loop waits for its channels is its {@linkplain LoopKind kind}: {@link
 * SelectorEventLoop} and {@link EpollEventLoop} are the two. A loop of a program's own that changes
 * something else, and is to wait as the program's other loops do, extends this class:
 *
 * <pre>{@code
 * class Loop extends ChannelEventLoop {
 *   Loop() {
 *     super(Engine.preferred(), LoopKind.preferred());
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threading:</b> as {@link EventLoop} says.
 */
public abstract class ChannelEventLoop extends AbstractEventLoop {
  private final IoPoller poller;
  private final SelectorProvider provider;
  private @Nullable Network network;

  /**
   * Makes a loop that waits as loops of {@code kind} do, for channels of the JDK's.
   *
   * @throws UnsupportedOperationException if loops of that kind do not work here, with the reason
   */
  protected ChannelEventLoop(Engine engine, LoopKind kind) {
    this(engine, kind.openPoller(), SelectorProvider.provider());
  }

  ChannelEventLoop(Engine engine, IoPoller poller, SelectorProvider provider) {
    super(engine);
    this.poller = poller;
    this.provider = provider;
  }

  /** Where this loop opens its channels: whatever opens one for it opens it there. */
  protected final SelectorProvider selectorProvider() {
    return provider;
  }

  // ---- connections and servers

  private Network network() {
    Network made = network;
    if (made == null) {
      made = new Network(new LoopIo(this, poller));
      network = made;
    }
    return made;
  }

  @Override
  public <P extends StreamProtocol> Connection<P> createConnection(
      Supplier<? extends P> factory,
      @Nullable String host,
      @Nullable String service,
      ConnectOptions options)
      throws IOException {
    return network().createConnection(factory, host, service, options);
  }

  @Override
  public <P extends StreamProtocol> Connection<P> createUnixConnection(
      Supplier<? extends P> factory, @Nullable Path path, ConnectOptions options)
      throws IOException {
    return network().createUnixConnection(factory, path, options);
  }

  @Override
  public <P extends StreamProtocol> Connection<P> connectAcceptedSocket(
      Supplier<? extends P> factory, SocketChannel socket, ServerOptions options)
      throws IOException {
    return network().connectAcceptedSocket(factory, socket, options);
  }

  @Override
  public Transport startTls(Transport transport, StreamProtocol protocol, ConnectOptions options)
      throws IOException {
    return network().startTls(transport, protocol, options);
  }

  @Override
  public Transport startTls(Transport transport, StreamProtocol protocol, ServerOptions options)
      throws IOException {
    return network().startTls(transport, protocol, options);
  }

  @Override
  public Server createServer(
      Supplier<? extends StreamProtocol> factory,
      List<String> hosts,
      @Nullable String service,
      ServerOptions options)
      throws IOException {
    return network().createServer(factory, hosts, service, options);
  }

  @Override
  public SharedPort sharePort(
      @Nullable String host, int port, SharedPort.@Nullable Spread spread, ServerOptions options)
      throws IOException {
    return network().sharePort(host, port, spread, options);
  }

  @Override
  public Server createServer(Supplier<? extends StreamProtocol> factory, SharedPort port)
      throws IOException {
    return network().createServer(factory, port);
  }

  @Override
  public Server createUnixServer(
      Supplier<? extends StreamProtocol> factory, @Nullable Path path, ServerOptions options)
      throws IOException {
    return network().createUnixServer(factory, path, options);
  }

  @Override
  public <P extends DatagramProtocol> DatagramEndpoint<P> createDatagramEndpoint(
      Supplier<? extends P> factory, DatagramOptions options) throws IOException {
    return network().createDatagramEndpoint(factory, options);
  }

  @Override
  public long sendfile(WriteTransport transport, SeekableByteChannel file, SendfileOptions options)
      throws IOException {
    return network().sendfile(transport, file, options);
  }

  // ---- operations on channels of the program's

  private SocketOperations sockets(String method) {
    return network().sockets(method);
  }

  @Override
  public <C extends SelectableChannel & ReadableByteChannel> byte[] sockRecv(C channel, int count)
      throws IOException {
    return sockets("sockRecv").receive(channel, count);
  }

  @Override
  public <C extends SelectableChannel & ReadableByteChannel> int sockRecvInto(
      C channel, ByteBuffer buffer) throws IOException {
    return sockets("sockRecvInto").receiveInto(channel, buffer);
  }

  @Override
  public ReceivedDatagram sockRecvfrom(DatagramChannel channel, int count) throws IOException {
    return sockets("sockRecvfrom").receiveFrom(channel, count);
  }

  @Override
  public ReceivedInto sockRecvfromInto(DatagramChannel channel, ByteBuffer buffer)
      throws IOException {
    return sockets("sockRecvfromInto").receiveFromInto(channel, buffer);
  }

  @Override
  public <C extends SelectableChannel & WritableByteChannel> void sockSendall(
      C channel, ByteBuffer data) throws IOException {
    sockets("sockSendall").sendAll(channel, data);
  }

  @Override
  public int sockSendto(DatagramChannel channel, ByteBuffer data, SocketAddress address)
      throws IOException {
    return sockets("sockSendto").sendTo(channel, data, address);
  }

  @Override
  public void sockConnect(SocketChannel channel, SocketAddress address) throws IOException {
    sockets("sockConnect").connect(channel, address);
  }

  @Override
  public void sockConnect(DatagramChannel channel, SocketAddress address) throws IOException {
    sockets("sockConnect").connect(channel, address);
  }

  @Override
  public AcceptedSocket sockAccept(ServerSocketChannel channel) throws IOException {
    return sockets("sockAccept").accept(channel);
  }

  @Override
  public long sockSendfile(SocketChannel channel, SeekableByteChannel file, SendfileOptions options)
      throws IOException {
    return sockets("sockSendfile").sendFile(channel, file, options);
  }

  // ---- pipes

  @Override
  public <P extends StreamProtocol> ReadPipe<P> connectReadPipe(
      Supplier<? extends P> factory, ReadableByteChannel pipe) throws IOException {
    return Pipes.connectRead(network(), factory, pipe);
  }

  @Override
  public <P extends StreamProtocol> ReadPipe<P> connectReadPipe(
      Supplier<? extends P> factory, Path path) throws IOException {
    return Pipes.connectRead(network(), factory, path);
  }

  @Override
  public <P extends StreamProtocol> WritePipe<P> connectWritePipe(
      Supplier<? extends P> factory, WritableByteChannel pipe) throws IOException {
    return Pipes.connectWrite(network(), factory, pipe);
  }

  @Override
  public <P extends StreamProtocol> WritePipe<P> connectWritePipe(
      Supplier<? extends P> factory, Path path) throws IOException {
    return Pipes.connectWrite(network(), factory, path);
  }

  // ---- child processes

  @Override
  public <P extends SubprocessProtocol> ChildProcess<P> subprocessExec(
      Supplier<? extends P> factory, List<String> command, ProcessOptions options)
      throws IOException {
    return new ChildProcesses(network()).exec(factory, command, options);
  }

  @Override
  public <P extends SubprocessProtocol> ChildProcess<P> subprocessShell(
      Supplier<? extends P> factory, String command, ProcessOptions options) throws IOException {
    return new ChildProcesses(network()).shell(factory, command, options);
  }

  // ---- readiness of channels

  @Override
  public void addReader(SelectableChannel channel, Runnable callback) {
    checkSchedulable("addReader", "callSoonThreadsafe");
    ChannelCallbacks.set(this, poller, channel, IoPoller.READ, callback);
  }

  @Override
  public boolean removeReader(SelectableChannel channel) {
    return !isClosed() && ChannelCallbacks.remove(poller, channel, IoPoller.READ);
  }

  @Override
  public void addWriter(SelectableChannel channel, Runnable callback) {
    checkSchedulable("addWriter", "callSoonThreadsafe");
    ChannelCallbacks.set(this, poller, channel, IoPoller.WRITE, callback);
  }

  @Override
  public boolean removeWriter(SelectableChannel channel) {
    return !isClosed() && ChannelCallbacks.remove(poller, channel, IoPoller.WRITE);
  }

  // ---- what the scheduling part asks for

  @Override
  protected void poll(long timeoutNanos) {
    poller.poll(timeoutNanos);
  }

  @Override
  protected void wakeUp() {
    poller.wakeUp();
  }

  @Override
  protected void flushIo() {
    poller.flush();
  }

  @Override
  protected void closeIo() {
    poller.close();
    if (network != null) {
      network.loopClosed();
    }
  }

  @Override
  public long time() {
    return Durations.realTime();
  }
}
