package asyncio.net;

import java.io.IOException;
import java.util.concurrent.CompletionException;

/** Throws what a connection failed with, as often as somebody asks. */
final class Failures {

  private Failures() {}

  /**
   * Throws {@code failure} itself if it is an {@link IOException} or unchecked, else a {@link
   * CompletionException} with it as the cause. Never returns.
   */
  static RuntimeException rethrow(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    throw new CompletionException(failure);
  }
}
