package asyncio.conformance.net;

import asyncio.testkit.MemoryNetwork;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/** A network in memory, behind which a test can do as it likes. */
abstract class NetworkInFront extends SelectorProvider {
  final MemoryNetwork network = new MemoryNetwork();

  @Override
  public AbstractSelector openSelector() {
    return network.openSelector();
  }

  @Override
  public SocketChannel openSocketChannel() throws IOException {
    return network.openSocketChannel();
  }

  @Override
  public SocketChannel openSocketChannel(ProtocolFamily family) throws IOException {
    return network.openSocketChannel(family);
  }

  @Override
  public ServerSocketChannel openServerSocketChannel() throws IOException {
    return network.openServerSocketChannel();
  }

  @Override
  public ServerSocketChannel openServerSocketChannel(ProtocolFamily family) throws IOException {
    return network.openServerSocketChannel(family);
  }

  @Override
  public DatagramChannel openDatagramChannel() throws IOException {
    return network.openDatagramChannel();
  }

  @Override
  public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
    return network.openDatagramChannel(family);
  }

  @Override
  public Pipe openPipe() throws IOException {
    return network.openPipe();
  }
}
