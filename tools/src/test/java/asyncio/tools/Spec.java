package asyncio.tools;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The statements of docs/spec that a test proves; they are counted from the sources. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Spec {
  String[] value();
}
