package asyncio;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method that may suspend the calling task, so that other tasks and callbacks run before it
 * returns.
 *
 * <p>Called from anywhere but a task, such a method throws {@link IllegalStateException}. The mark
 * is for readers and for tools; nothing checks that callers carry it too.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Suspends {}
