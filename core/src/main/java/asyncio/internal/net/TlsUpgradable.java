package asyncio.internal.net;

import java.nio.ByteBuffer;

/**
 * A protocol that may hold bytes it has not used when its connection is upgraded to TLS: they
 * belong to the handshake (spec TLS-41).
 */
public interface TlsUpgradable {

  /** Hands over the bytes that were received and not used. */
  ByteBuffer takeBuffered();
}
