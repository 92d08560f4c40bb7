package grid;

import java.io.Serializable;
import java.util.concurrent.Callable;

/**
 * A job for any member of the grid: counts the primes of a range. It and its result travel, so they
 * are serializable; and as it only computes, it may be made twice.
 *
 * @param pauseMillis how long to rest before, to stand for a longer computation
 */
record CountPrimes(int from, int to, long pauseMillis)
    implements Callable<CountPrimes.Counted>, Serializable {

  /** How many there are, and which process has counted. */
  record Counted(int primes, long pid) implements Serializable {}

  @Override
  public Counted call() throws InterruptedException {
    Thread.sleep(pauseMillis);
    int primes = 0;
    for (int n = Math.max(from, 2); n < to; n++) {
      if (isPrime(n)) {
        primes++;
      }
    }
    return new Counted(primes, ProcessHandle.current().pid());
  }

  private static boolean isPrime(int n) {
    for (int d = 2; d * d <= n; d++) {
      if (n % d == 0) {
        return false;
      }
    }
    return true;
  }
}
