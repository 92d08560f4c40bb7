package asyncio;

import java.lang.ref.Cleaner;

/** The one cleaner of the library, which is one thread. Its actions must be short. */
final class Cleaners {
  static final Cleaner SHARED = Cleaner.create();

  private Cleaners() {}
}
