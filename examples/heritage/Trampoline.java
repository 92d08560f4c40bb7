import static asyncio.Asyncio.*;

import asyncio.*;

/**
 * Coroutines from generators: drives a generator that yields what it waits for, as Twisted's
 * inlineCallbacks, Tornado's gen.coroutine and asyncio 3.4 did.
 *
 * <p>A future or another generator that is yielded comes back as its result, or is thrown at the
 * yield if it failed; anything else comes back unchanged.
 */
final class Trampoline<R> {
  private final Future<R> outcome = getRunningLoop().createFuture();
  private final Generator<Object, Object, R> coroutine;

  private Trampoline(Generator<Object, Object, R> coroutine) {
    this.coroutine = coroutine;
  }

  /** Drives {@code coroutine} to its end; the future has what it returns or fails with. */
  static <R> Future<R> drive(Generator<Object, Object, R> coroutine) {
    var trampoline = new Trampoline<>(coroutine);
    getRunningLoop().callSoon(() -> trampoline.step(() -> coroutine.next()));
    return trampoline.outcome;
  }

  private void step(Awaitable<Object> resumption) {
    try {
      Object yielded = resumption.await();
      while (!(yielded instanceof Future || yielded instanceof Generator)) {
        yielded = coroutine.send(yielded);
      }
      awaitable(yielded).addDoneCallback(this::goOn);
    } catch (StopIteration end) {
      outcome.setResult(coroutine.result());
    } catch (Exception e) {
      outcome.setException(e);
    }
  }

  @SuppressWarnings("unchecked") // coroutines yield and take objects
  private static Future<?> awaitable(Object yielded) {
    return yielded instanceof Future<?> f ? f : drive((Generator<Object, Object, ?>) yielded);
  }

  private void goOn(Future<?> done) {
    boolean failed = done.isCancelled() || done.exception() != null;
    step(() -> failed ? coroutine.throwIn(failureOf(done)) : coroutine.send(done.result()));
  }

  private static Throwable failureOf(Future<?> done) {
    return done.isCancelled() ? new CancelledError() : done.exception();
  }
}
