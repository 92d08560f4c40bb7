package asyncio.testkit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The choices of one seed: in which order, and in which poll, a loop hears of what happens outside
 * it.
 *
 * <p><b>Threading:</b> loop-confined.
 */
final class Orders {
  /*
   * Why no contract can be broken: the loop is left as it is. All that a choice changes is when something outside becomes
   * known to it, as if a packet had been a little slower, and every outcome is one that the unchanged loop gives for some
   * such delay.
   */

  /** In how many polls running a channel may be held back: after that it is known. */
  private static final int LONGEST_HOLD = 3;

  /** One of these is the probability, in sixteenths, with which this seed holds a channel back. */
  private static final int[] HOLDS = {0, 1, 4, 8};

  /**
   * The probability, in sixteenths, that a call in the executor does not wait until all is idle.
   */
  private static final int CALL_NOW = 4;

  private final Random random;
  private final int hold;
  private boolean heldBack;

  Orders(long seed) {
    this.random = new Random(mix(seed));
    this.hold = HOLDS[random.nextInt(HOLDS.length)];
  }

  /** Seeds near each other are to have nothing in common. */
  private static long mix(long seed) {
    long z = seed * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    return z ^ (z >>> 31);
  }

  /** Begins a poll. */
  void begin() {
    heldBack = false;
  }

  /** Whether something was held back in this poll, so that there is more to come. */
  boolean heldBack() {
    return heldBack;
  }

  /** Those of the ready channels that this poll finds, in the order in which it does. */
  List<MemorySelectionKey> choose(List<MemorySelectionKey> ready) {
    List<MemorySelectionKey> chosen = new ArrayList<>(ready.size());
    for (MemorySelectionKey key : ready) {
      if (key.held < LONGEST_HOLD && random.nextInt(16) < hold) {
        key.held++;
        heldBack = true;
      } else {
        key.held = 0;
        chosen.add(key);
      }
    }
    Collections.shuffle(chosen, random);
    return chosen;
  }

  /** Whether what arrives at the very time of a timer comes before it. */
  boolean ioBeforeTimers() {
    return random.nextBoolean();
  }

  /** Whether a call in the executor is made now, though there is other work. */
  boolean callsNow() {
    return random.nextInt(16) < CALL_NOW;
  }

  /** For other choices. */
  Random random() {
    return random;
  }

  /** How many iterations later than it could a look-up ends. */
  int delayOfLookup() {
    return random.nextInt(LONGEST_HOLD);
  }
}
