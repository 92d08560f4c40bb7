package asyncio.internal.net;

/**
 * A protocol that holds data back while its transport is paused, and wants to know when it is not.
 */
public interface ReadingListener {

  /** Reading was resumed; called in a callback of its own, unless it was paused again meanwhile. */
  void readingResumed() throws Exception;
}
