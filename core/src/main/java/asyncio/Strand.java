package asyncio;

import asyncio.internal.vthread.CoroutineEngine;
import asyncio.internal.vthread.Fiber;
import org.jspecify.annotations.Nullable;

/**
 * A strand of execution that enters the bodies of generators: a task, or any other thread.
 *
 * <p>One coroutine cannot run on top of another. So a caller does not run a body: it gives way, and
 * the strand mounts the body in its place, then the caller again, and so on to any depth. For the
 * program this is a call: nothing else runs on the strand in between.
 */
interface Strand {

  /**
   * Gives the turn to a body, and returns when that gives it back; also when it has ended or failed
   * meanwhile. On the caller's thread, which has the turn.
   *
   * @throws Fiber.PinnedException if the caller cannot give way; nothing has happened then
   * @throws StackOverflowError if there is too little stack for it; nothing has happened then
   */
  void enter(Fiber body);

  /**
   * Says who gets the turn as soon as the calling body has suspended or ended: the coroutine that
   * entered it, or null if that was the thread itself.
   *
   * @return whether the strand has been interrupted, which the next one is to know; the flag of the
   *     calling thread is clear after that
   */
  boolean giveBack(@Nullable Fiber caller);

  /** Takes the last {@link #giveBack} back: suspending failed. */
  void keepTurn();

  /** As {@link Fiber.Body#unblocked}, for the body that has the turn. */
  void unblocked();

  /** As {@link Fiber.Body#interruptedWhileSuspended}, for the body that has the turn. */
  void interruptedWhileSuspended();

  /** What makes the bodies that are begun here. */
  CoroutineEngine engine();

  /** What code on this strand runs as; null outside a loop. */
  @Nullable InLoop inLoop();

  /** The caller's. */
  static Strand current() {
    Fiber fiber = Fiber.current();
    if (fiber != null) {
      Fiber.Body body = fiber.body();
      if (body instanceof Strand task) {
        return task;
      }
      if (body instanceof BodyGenerator<?, ?, ?> generator) {
        return generator.strand();
      }
    }
    return new PlainStrand();
  }
}
