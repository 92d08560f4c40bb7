package asyncio.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the statements of docs/spec that a test proves, for example {@code @Spec("TASK-37")}.
 *
 * <p>{@link SpecCoverageTest} holds the names against the pages; {@link SpecFilter} runs the tests
 * of one statement alone.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Spec {

  /** The identifiers of the statements. */
  String[] value();
}
