package asyncio.bench;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What a server computes for each request before it answers: enough for its CPU to be the limit,
 * and not the load generator's.
 */
final class Work {
  private static final int ROUNDS = 100;

  private final MessageDigest digest;

  Work() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  /** Computes on the remaining bytes of {@code request}, and leaves them as they are. */
  void on(ByteBuffer request) {
    for (int i = 0; i < ROUNDS; i++) {
      digest.update(request.duplicate());
      digest.digest();
    }
  }
}
