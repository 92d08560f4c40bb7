package asyncio.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/** That an endpoint receives what is sent to a multicast group; until this is closed, or that. */
public interface GroupMembership extends AutoCloseable {

  /** The address of the group. */
  InetAddress group();

  /** Where the group was joined. */
  NetworkInterface networkInterface();

  /** Whether datagrams of the group arrive. */
  boolean isValid();

  /**
   * Drops what {@code source} sends to the group.
   *
   * @throws UnsupportedOperationException if the system cannot, or the membership is for one source
   * @throws IllegalStateException if the membership is over
   */
  void block(InetAddress source) throws IOException;

  /** Undoes {@link #block}. */
  void unblock(InetAddress source);

  /** Leaves the group. Idempotent. */
  @Override
  void close();
}
