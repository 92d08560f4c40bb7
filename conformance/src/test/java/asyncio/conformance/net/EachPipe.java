package asyncio.conformance.net;

import asyncio.Engine;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A test that takes an {@link Engine} and a kind of pipe, and runs once for each pair. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0} {1}")
@MethodSource("asyncio.conformance.net.EachPipe$Pairs#all")
@interface EachPipe {

  /** What the tests run with. */
  final class Pairs {
    private Pairs() {}

    static Stream<Arguments> all() {
      return Arrays.stream(Engine.values())
          .flatMap(engine ->
              Arrays.stream(PipeEnds.Kind.values()).map(kind -> Arguments.of(engine, kind)));
    }
  }
}
