package asyncio.testkit;

import asyncio.Engine;
import asyncio.EventLoop;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/** One run of a test on one engine. */
final class LoopInvocation
    implements TestTemplateInvocationContext,
        ExecutionCondition,
        ParameterResolver,
        InvocationInterceptor,
        AfterEachCallback {
  private final Engine engine;
  private final LoopTest options;
  private final @Nullable Boolean debug;
  private final @Nullable Long seed;
  private @Nullable LoopSession session;

  /**
   * @param seed of the order to run in; null for the natural one
   */
  LoopInvocation(Engine engine, LoopTest options, @Nullable Boolean debug, @Nullable Long seed) {
    this.engine = engine;
    this.options = options;
    this.debug = debug;
    this.seed = seed;
  }

  @Override
  public String getDisplayName(int invocationIndex) {
    String name = engine.name().toLowerCase(Locale.ROOT);
    return seed == null ? name : name + ", seed " + seed;
  }

  @Override
  public List<Extension> getAdditionalExtensions() {
    return List.of(this);
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    String reason = engine.unavailableBecause();
    return reason == null
        ? ConditionEvaluationResult.enabled("the engine is available")
        : ConditionEvaluationResult.disabled(
            "the " + engine + " engine is not available: " + reason);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == EventLoop.class
        || type == VirtualTimeLoop.class
        || type == LoopProbe.class
        || type == MemoryNetwork.class
        || type == Engine.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    LoopSession session = session(context);
    if (type == Engine.class) {
      return engine;
    }
    Object value =
        type == LoopProbe.class
            ? session.probe
            : type == MemoryNetwork.class ? session.hooks.network : session.hooks.loop;
    if (!type.isInstance(value)) {
      throw new ParameterResolutionException(
          type == MemoryNetwork.class
              ? "a test with realTime = true has no MemoryNetwork; leave realTime out"
              : "the loop of a test with realTime = true is no VirtualTimeLoop; declare an"
                  + " EventLoop");
    }
    return value;
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<@Nullable Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    try {
      session(context).run(method.getExecutable().getName(), invocation::proceed);
    } catch (Throwable t) {
      throw withSeed(t);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    LoopSession ended = session;
    if (ended != null) {
      session = null;
      try {
        ended.end();
      } catch (AssertionError e) {
        withSeed(e);
        throw e;
      }
    }
  }

  private Throwable withSeed(Throwable failure) {
    if (seed != null) {
      failure.addSuppressed(new SeedNote(seed));
    }
    return failure;
  }

  private LoopSession session(ExtensionContext context) {
    LoopSession now = session;
    if (now == null) {
      boolean alone =
          !context
              .getConfigurationParameter("junit.jupiter.execution.parallel.enabled")
              .map(Boolean::valueOf)
              .orElse(false);
      now = new LoopSession(engine, options, debug, seed, alone);
      session = now;
    }
    return now;
  }
}
