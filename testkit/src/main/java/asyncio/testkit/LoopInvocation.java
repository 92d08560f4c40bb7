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
  private @Nullable LoopSession session;

  LoopInvocation(Engine engine, LoopTest options, @Nullable Boolean debug) {
    this.engine = engine;
    this.options = options;
    this.debug = debug;
  }

  @Override
  public String getDisplayName(int invocationIndex) {
    return engine.name().toLowerCase(Locale.ROOT);
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
            : type == MemoryNetwork.class ? session.network : session.hooks.loop;
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
    session(context).run(method.getExecutable().getName(), invocation::proceed);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    LoopSession ended = session;
    if (ended != null) {
      session = null;
      ended.end();
    }
  }

  private LoopSession session(ExtensionContext context) {
    LoopSession now = session;
    if (now == null) {
      boolean alone =
          !context
              .getConfigurationParameter("junit.jupiter.execution.parallel.enabled")
              .map(Boolean::valueOf)
              .orElse(false);
      now = new LoopSession(engine, options, debug, alone);
      session = now;
    }
    return now;
  }
}
