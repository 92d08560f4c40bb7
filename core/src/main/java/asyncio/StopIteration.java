package asyncio;

import java.io.Serial;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Thrown when a {@link Generator} is asked for a value and its body has ended. */
public final class StopIteration extends NoSuchElementException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient @Nullable Object value;

  /** Makes one that carries {@code value}. */
  public StopIteration(@Nullable Object value) {
    super(
        "the generator has come to its end"
            + (value == null ? "" : " and returned " + value)
            + "; ask hasNext() first, or iterate with a for loop");
    this.value = value;
  }

  /** What the body returned, the first time the end is signalled; null after that. */
  public @Nullable Object value() {
    return value;
  }
}
