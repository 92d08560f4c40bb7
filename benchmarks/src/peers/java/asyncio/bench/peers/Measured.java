package asyncio.bench.peers;

import java.util.Arrays;
import java.util.Locale;

/** Runs the parts of a peer's micro benchmark and prints lines {@code name value unit}. */
final class Measured {
  private static final int WARM_UPS = 3;
  private static final int RUNS = 3;

  /** One run; returns its value. */
  @FunctionalInterface
  interface Body {
    double run() throws Exception;
  }

  private Measured() {}

  /** The median of several runs after warm-up. */
  static void report(String name, String unit, Body body) throws Exception {
    for (int i = 0; i < WARM_UPS; i++) {
      body.run();
    }
    double[] values = new double[RUNS];
    for (int i = 0; i < RUNS; i++) {
      values[i] = body.run();
    }
    Arrays.sort(values);
    print(name, values[RUNS / 2], unit);
  }

  static void print(String name, double value, String unit) {
    System.out.printf(Locale.ROOT, "%s %.1f %s%n", name, value, unit);
  }
}
