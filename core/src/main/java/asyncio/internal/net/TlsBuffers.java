package asyncio.internal.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that all TLS connections of a loop share; on the heap, where the JDK's ciphers are
 * fastest.
 */
final class TlsBuffers {
  /** Room for the largest record of any protocol version, on either side. */
  static final int RECORD = 18 * 1024;

  private static final int RECORDS = 8;

  final TlsInput.Pool inputs = new TlsInput.Pool();
  private @Nullable ByteBuffer encrypted;
  private @Nullable ByteBuffer decrypted;
  private boolean decryptedInUse;

  /** Where records are wrapped into, cleared; to be handed on before anybody else can wrap. */
  ByteBuffer encrypted() {
    ByteBuffer buffer = encrypted;
    if (buffer == null) {
      buffer = ByteBuffer.allocate(RECORDS * RECORD);
      encrypted = buffer;
    }
    return buffer.clear();
  }

  /**
   * Where records are unwrapped into, cleared; to be given back with {@link #giveBack}. If the
   * loop's own one is in use, by the TLS connection that carries this one, it is a new one.
   */
  ByteBuffer takeDecrypted() {
    if (decryptedInUse) {
      return ByteBuffer.allocate(2 * RECORD);
    }
    decryptedInUse = true;
    ByteBuffer buffer = decrypted;
    if (buffer == null) {
      buffer = ByteBuffer.allocate(RECORDS * RECORD);
      decrypted = buffer;
    }
    return buffer.clear();
  }

  void giveBack(ByteBuffer buffer) {
    if (buffer == decrypted) {
      decryptedInUse = false;
    }
  }
}
