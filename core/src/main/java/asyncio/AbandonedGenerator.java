package asyncio;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Closes a generator that was begun, and that nobody can reach any more: in a task of the loop it
 * was begun on (LOOP-50), or on a thread of its own if it was begun outside a loop or the loop is
 * closed.
 */
final class AbandonedGenerator extends Handle {
  private final BodyGenerator<?, ?, ?> generator;

  private AbandonedGenerator(AbstractEventLoop loop, BodyGenerator<?, ?, ?> generator) {
    super(loop, null, null);
    this.generator = generator;
  }

  /** Sees to the closing. On the cleaner's thread: neither waits nor runs code of the program. */
  static void close(BodyGenerator<?, ?, ?> generator, @Nullable AbstractEventLoop home) {
    if (home == null) {
      closeOutsideLoops(generator);
    } else {
      home.enqueueFromAnywhere(new AbandonedGenerator(home, generator));
    }
  }

  @Override
  void run() {
    loop.createTask(
        () -> {
          try {
            generator.close();
          } catch (Exception e) {
            loop.callExceptionHandler(OpenIterators.failure(generator, e));
          }
        },
        TaskOptions.DEFAULT.withEagerStart(false));
  }

  @Override
  void orphan() {
    closeOutsideLoops(generator);
  }

  private static void closeOutsideLoops(BodyGenerator<?, ?, ?> generator) {
    Thread.ofVirtual()
        .name("asyncio-generator-close")
        .start(() -> {
          try {
            generator.close();
          } catch (Throwable t) {
            AbstractEventLoop.LOGGER.log(
                Level.ERROR, "an error occurred during closing of " + generator, t);
          }
        });
  }

  @Override
  Object subject() {
    return generator;
  }
}
