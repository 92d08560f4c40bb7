package asyncio.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** A protocol that is handed datagrams. */
public interface DatagramProtocol extends BaseProtocol {

  /** The endpoint is there. The first call, and exactly one. */
  default void connectionMade(DatagramTransport transport) throws Exception {}

  /**
   * A datagram has arrived; it may be empty.
   *
   * @param data in an array of its own: it may be kept
   */
  default void datagramReceived(ByteBuffer data, SocketAddress address) throws Exception {}

  /**
   * Sending or receiving failed in a way that leaves the endpoint usable (spec DG-17): a send to a
   * port where nobody listens, for instance.
   */
  default void errorReceived(IOException exception) throws Exception {}
}
