package asyncio.conformance.net;

import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;

import java.util.function.BooleanSupplier;

/** Turns of the running loop. */
final class Turns {
  private static final int MANY = 100_000;

  private Turns() {}

  /** Lets everything run that is ready now. */
  static void turn() {
    sleep(seconds(0));
  }

  static void turns(int n) {
    for (int i = 0; i < n; i++) {
      turn();
    }
  }

  /** Takes turns until it is so; fails after very many. */
  static void until(BooleanSupplier condition) {
    for (int i = 0; !condition.getAsBoolean(); i++) {
      if (i > MANY) {
        throw new AssertionError("it never came to pass");
      }
      turn();
    }
  }
}
