package asyncio.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which orders a test runs in. */
final class Seeds {
  static final String PROPERTY = "asyncio.testkit.seed";

  private Seeds() {}

  /**
   * The seeds of a test that is to have so many, null standing for the natural order.
   *
   * @throws IllegalArgumentException if the count, or the property, is out of range
   */
  static List<@Nullable Long> of(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("seeds must not be negative: " + count);
    }
    List<@Nullable Long> seeds = new ArrayList<>();
    String given = System.getProperty(PROPERTY);
    if (count == 0 || given == null || given.isBlank()) {
      seeds.add(null);
      for (long seed = 1; seed <= count; seed++) {
        seeds.add(seed);
      }
      return seeds;
    }
    try {
      seeds.add(Long.valueOf(given.strip()));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "-D" + PROPERTY + " must be the number of a seed: " + given, e);
    }
    return seeds;
  }
}
