package asyncio.sync;

/** A semaphore that refuses to be released more often than it was acquired (spec SEM-8, SEM-9). */
public final class BoundedSemaphore extends Semaphore {
  /**
   * Permits that tasks have got and not given back; one that was handed over counts when its task
   * runs.
   */
  private int taken;

  /** Makes a semaphore with one permit. */
  public BoundedSemaphore() {}

  /**
   * Makes a semaphore with so many permits.
   *
   * @throws IllegalArgumentException if {@code permits} is negative
   */
  public BoundedSemaphore(int permits) {
    super(permits);
  }

  @Override
  void noteTaken() {
    taken++;
  }

  /**
   * Gives a permit back and hands it to the first waiter.
   *
   * @throws IllegalArgumentException if every acquired permit has been given back already
   */
  @Override
  public void release() {
    super.release();
  }

  @Override
  void noteReturned() {
    if (taken == 0) {
      throw new IllegalArgumentException(
          "BoundedSemaphore released too many times; release it once for each acquire, or close the permit instead");
    }
    taken--;
  }
}
