package asyncio.inspect;

/**
 * How many tasks a loop has had, by how they ended.
 *
 * <p>Tasks of other implementations ({@link asyncio.Asyncio#registerTask}) are not counted.
 *
 * @param alive those that have not ended; each of the others is counted once
 * @param created how many were made
 * @param succeeded those that returned
 * @param failed those that ended with an exception
 * @param cancelled those that ended cancelled
 */
public record TaskCounts(long alive, long created, long succeeded, long failed, long cancelled) {

  /** Those that have ended. */
  public long ended() {
    return succeeded + failed + cancelled;
  }

  /** What has been counted since {@code earlier}; {@link #alive} stays what it is. */
  TaskCounts since(TaskCounts earlier) {
    return new TaskCounts(
        alive,
        created - earlier.created,
        succeeded - earlier.succeeded,
        failed - earlier.failed,
        cancelled - earlier.cancelled);
  }
}
