package asyncio;

/** When {@link Asyncio#wait} returns, if its time is not up first. */
public enum ReturnWhen {
  /** Once all futures are done. */
  ALL_COMPLETED,
  /** Once one future is done, in whatever way. */
  FIRST_COMPLETED,
  /**
   * Once one future has failed; one that was cancelled has not. Without a failure, once all are
   * done.
   */
  FIRST_EXCEPTION
}
