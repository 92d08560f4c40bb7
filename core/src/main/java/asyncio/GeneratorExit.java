package asyncio;

import java.io.Serial;

/**
 * Raised in the body of a {@link Generator} that is closed, at the yield where it waits.
 *
 * <p>Code that catches it cleans up and throws it again, or returns; it must not yield any more. It
 * is an {@link Error}, so that {@code catch (Exception e)} lets it pass.
 */
public final class GeneratorExit extends Error {
  @Serial private static final long serialVersionUID = 1L;

  public GeneratorExit() {
    super("the generator is being closed");
  }
}
