package asyncio.internal.inspect;

import asyncio.inspect.WaitKind;
import java.util.function.Consumer;

/**
 * What a future tells that the library made for one wait: what its task really waits for.
 *
 * <p><b>Threading:</b> asked on any thread, while the loop changes what is asked about. An answer
 * may be a moment old; it must not wait for anything, and what it throws counts as no answer.
 */
public interface Waited {

  /** Which of the holders have to act before the wait ends. */
  enum Need {
    /** All of them. */
    ALL,
    /** One of them; nobody else can. */
    ANY,
    /** One of them, or any other code. */
    ANYBODY
  }

  WaitKind kindOfWait();

  /** The thing waited for, whose identity is shown; the future itself if there is none. */
  default Object waitedFor() {
    return this;
  }

  /** The thing in words. Calls no code of users, and reads no list that the loop changes. */
  String describeWait();

  /** The same object for all waits that have the same need and the same holders. */
  default Object line() {
    return this;
  }

  /** Whether {@link #holders} may give anybody. */
  default boolean hasHolders() {
    return false;
  }

  default Need need() {
    return Need.ANYBODY;
  }

  /**
   * Gives those who can end the wait: futures, that have to be done, and threads of tasks that hold
   * what is waited for, or their numbers as {@link Long}.
   */
  default void holders(Consumer<Object> to) {}
}
