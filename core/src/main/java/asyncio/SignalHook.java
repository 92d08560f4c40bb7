package asyncio;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * A handler of the interrupt signal, in place of the JVM's default one.
 *
 * <p>The API is {@code sun.misc.Signal} of the module {@code jdk.unsupported}, and there is no
 * other. It is called by reflection: the module need not be there, and a compiler warning that
 * cannot be suppressed is avoided.
 */
final class SignalHook {
  /**
   * What a JVM starts with. Under {@code nohup}, or in the background of a shell, it is SIG_IGN,
   * which stays.
   */
  private static final String JVM_DEFAULT = "sun.misc.Signal$SunMiscHandler";

  private final Method handle;
  private final Object signal;
  private final Object ours;
  private final Object previous;

  private SignalHook(Method handle, Object signal, Object ours, Object previous) {
    this.handle = handle;
    this.signal = signal;
    this.ours = ours;
    this.previous = previous;
  }

  /**
   * Has {@code onSignal} called for each signal, on threads of the JDK's; null if the signal is not
   * there to be taken.
   */
  static @Nullable SignalHook install(Runnable onSignal) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method handle = signalType.getMethod("handle", signalType, handlerType);
      Object signal = signalType.getConstructor(String.class).newInstance("INT");
      Object ours = proxy(handlerType, onSignal);
      Object previous = handle.invoke(null, signal, ours);
      boolean isDefault =
          previous.getClass().getName().equals(JVM_DEFAULT)
              && previous != handlerType.getField("SIG_DFL").get(null)
              && previous != handlerType.getField("SIG_IGN").get(null);
      if (isDefault) {
        return new SignalHook(handle, signal, ours, previous);
      }
      handle.invoke(null, signal, previous);
      return null;
    } catch (ReflectiveOperationException e) {
      return null; // no such module; or the platform, or the option -Xrs, refuses
    }
  }

  /** Restores the handler from before, unless the program has set another one meanwhile. */
  void remove() {
    Object found = swap(previous);
    if (found != ours) {
      swap(found);
    }
  }

  private Object swap(Object handler) {
    try {
      return handle.invoke(null, signal, handler);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot restore the handler of the interrupt signal", e);
    }
  }

  private static Object proxy(Class<?> handlerType, Runnable onSignal) {
    return Proxy.newProxyInstance(
        handlerType.getClassLoader(),
        new Class<?>[] {handlerType},
        (self, method, arguments) ->
            switch (method.getName()) {
              case "equals" -> self == arguments[0];
              case "hashCode" -> System.identityHashCode(self);
              case "toString" -> "the handler of run()";
              default -> {
                onSignal.run();
                yield null;
              }
            });
  }
}
