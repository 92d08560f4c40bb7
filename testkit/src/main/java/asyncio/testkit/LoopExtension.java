package asyncio.testkit;

import asyncio.Engine;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Runs the tests that are marked {@link LoopTest}. JUnit makes it; programs use the annotation. */
public final class LoopExtension implements TestTemplateInvocationContextProvider {

  public LoopExtension() {}

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return AnnotationSupport.isAnnotated(context.getTestMethod(), LoopTest.class);
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    Method method = context.getRequiredTestMethod();
    LoopTest options = find(method, context.getRequiredTestClass(), LoopTest.class).orElseThrow();
    Optional<DebugMode> debug = find(method, context.getRequiredTestClass(), DebugMode.class);
    boolean directOnly = find(method, context.getRequiredTestClass(), DirectOnly.class).isPresent();
    List<Engine> engines =
        directOnly
            ? List.of(Engine.DIRECT)
            : List.of(options.engines().length == 0 ? Engine.values() : options.engines());
    if (options.realTime() && options.seeds() > 0) {
      throw new IllegalArgumentException(
          method + ": seeds need virtual time; leave realTime = true out, or the seeds");
    }
    List<@Nullable Long> seeds = Seeds.of(options.seeds());
    Boolean debugMode = debug.map(DebugMode::value).orElse(null);
    return engines.stream()
        .flatMap(engine ->
            seeds.stream().map(seed -> new LoopInvocation(engine, options, debugMode, seed)));
  }

  /**
   * The annotation of the method, or, if that is not there or says nothing, of its class or the
   * classes around that.
   */
  private static <A extends Annotation> Optional<A> find(
      Method method, Class<?> testClass, Class<A> type) {
    Optional<A> own = AnnotationSupport.findAnnotation(method, type);
    if (own.isPresent() && !saysNothing(own.get())) {
      return own;
    }
    for (Class<?> c = testClass; c != null; c = c.getEnclosingClass()) {
      Optional<A> ofClass = AnnotationSupport.findAnnotation(c, type);
      if (ofClass.isPresent()) {
        return ofClass;
      }
    }
    return own;
  }

  /**
   * Whether a {@link LoopTest} has all its default values; another annotation always says
   * something.
   */
  private static boolean saysNothing(Annotation annotation) {
    return annotation instanceof LoopTest test
        && test.engines().length == 0
        && test.seeds() == 0
        && !test.realTime()
        && test.timeout() == LoopTest.DEFAULT_TIMEOUT;
  }
}
