package asyncio.inspect;

import java.util.Locale;

/** What an unfinished task does. */
public enum TaskState {
  /** Its first step has not run. */
  NEW,
  /** It can go on, and waits for its turn. */
  READY,
  /** Its code runs now, or is believed to: the loop has lent it the turn. */
  RUNNING,
  /** It is suspended in a call of the library, until what it waits for has happened. */
  WAITING,
  /**
   * It is inside a blocking call of the JDK. With the portable engine, or where the thread is
   * pinned, the whole loop stands still meanwhile.
   */
  BLOCKED;

  /** In lower case, as the text forms and JSON show it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
