package asyncio.testkit;

/**
 * Goes with the failure of a test that ran in the order of a seed, as a suppressed exception, and
 * says how to have that order again.
 */
final class SeedNote extends Exception {
  private static final long serialVersionUID = 1L;

  SeedNote(long seed) {
    super(
        "this was the order of seed "
            + seed
            + "; run it again with -D"
            + Seeds.PROPERTY
            + "="
            + seed,
        null,
        false,
        false);
  }
}
