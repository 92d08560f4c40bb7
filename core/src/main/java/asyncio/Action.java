package asyncio;

/** Code that may suspend and gives no result: the form that a lambda without a value takes. */
@FunctionalInterface
public interface Action {

  /** Runs the code, in the calling task. */
  @Suspends
  void run() throws Exception;
}
