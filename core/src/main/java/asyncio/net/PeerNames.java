package asyncio.net;

import org.jspecify.annotations.Nullable;

/** Names connections, for pictures of who waits for what. */
final class PeerNames {

  private PeerNames() {}

  /**
   * Who is at the other end, with a preposition. On any thread, so users' classes are not asked.
   */
  static String with(BaseTransport transport) {
    String type = transport.getClass().getName();
    if (!type.startsWith("asyncio.internal.")) {
      return " of " + type + "@" + Integer.toHexString(System.identityHashCode(transport));
    }
    Object peer = name(transport, "peername");
    if (peer != null && !peer.toString().isEmpty()) {
      return " with " + peer;
    }
    Object own = name(transport, "sockname");
    return own == null ? " of " + transport : " at " + own;
  }

  private static @Nullable Object name(BaseTransport transport, String key) {
    return transport.getExtraInfo(key);
  }
}
