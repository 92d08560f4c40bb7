package asyncio;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A handler of a signal, in place of the one that was there.
 *
 * <p>The API is {@code sun.misc.Signal} of the module {@code jdk.unsupported}, and there is no
 * other. It is called by reflection: the module need not be there, and a compiler warning that
 * cannot be suppressed is avoided.
 *
 * <p><b>Order:</b> hooks of one signal lie one upon the other, whoever installed them, and the
 * uppermost is in force. Removing it puts in force what was below; removing another one takes it
 * out of the pile.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class SignalHook {
  /*
   * The pile is a chain: `previous` of a hook is what was in force when it was installed, which may be the handler of
   * another hook, of the program's own code, or of the JVM. The JVM knows the uppermost only, and tells it only to
   * whoever puts another in its place.
   */

  /**
   * What a JVM starts with. Under {@code nohup}, or in the background of a shell, it is SIG_IGN.
   */
  private static final String JVM_DEFAULT = "sun.misc.Signal$SunMiscHandler";

  /** All hooks that have not been removed. Guarded by itself. */
  private static final List<SignalHook> INSTALLED = new ArrayList<>();

  private final Signal signal;
  private final Method handle;
  private final Object jdkSignal;
  private final Object ours;

  /** Guarded by {@link #INSTALLED}. */
  private Object previous;

  private SignalHook(Signal signal, Method handle, Object jdkSignal, Object ours, Object previous) {
    this.signal = signal;
    this.handle = handle;
    this.jdkSignal = jdkSignal;
    this.ours = ours;
    this.previous = previous;
  }

  /**
   * Has {@code onSignal} called for each signal, on threads of the JDK's. It must not throw.
   *
   * @throws IllegalArgumentException if this system has no such signal
   * @throws IllegalStateException if the JVM has the signal for itself, or cannot handle signals
   */
  static SignalHook install(Signal signal, Runnable onSignal) {
    try {
      return tryToInstall(signal, onSignal);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(
          "signals need the module jdk.unsupported, which is not there; start java with --add-modules jdk.unsupported",
          e);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause != null && String.valueOf(cause.getMessage()).contains("Unknown signal")) {
        throw new IllegalArgumentException("signal: this system has no " + signal, cause);
      }
      throw new IllegalStateException(
          signal
              + " cannot be caught: the JVM or the system has it for itself; was java started with -Xrs?",
          cause);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("signals cannot be handled on this JVM", e);
    }
  }

  /**
   * As {@link #install}, but only if the signal has the JVM's default handling; null if it has not,
   * or cannot be handled.
   */
  static @Nullable SignalHook installInPlaceOfDefault(Signal signal, Runnable onSignal) {
    try {
      SignalHook hook = tryToInstall(signal, onSignal);
      if (hook.isInPlaceOfDefault()) {
        return hook;
      }
      hook.remove();
      return null;
    } catch (ReflectiveOperationException e) {
      return null; // no such module; or the platform, or the option -Xrs, refuses
    }
  }

  private static SignalHook tryToInstall(Signal signal, Runnable onSignal)
      throws ReflectiveOperationException {
    Class<?> signalType = Class.forName("sun.misc.Signal");
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Method handle = signalType.getMethod("handle", signalType, handlerType);
    Object jdkSignal = signalType.getConstructor(String.class).newInstance(signal.name());
    Object ours = proxy(handlerType, signal, onSignal);
    synchronized (INSTALLED) {
      Object previous = handle.invoke(null, jdkSignal, ours);
      SignalHook hook = new SignalHook(signal, handle, jdkSignal, ours, previous);
      INSTALLED.add(hook);
      return hook;
    }
  }

  private boolean isInPlaceOfDefault() throws ReflectiveOperationException {
    Class<?> handlerType = handle.getParameterTypes()[1];
    synchronized (INSTALLED) {
      return previous.getClass().getName().equals(JVM_DEFAULT)
          && previous != handlerType.getField("SIG_DFL").get(null)
          && previous != handlerType.getField("SIG_IGN").get(null);
    }
  }

  /**
   * Takes this hook out. If it is in force, what was there before is again; a handler that the
   * program has set meanwhile stays. Idempotent.
   */
  void remove() {
    synchronized (INSTALLED) {
      if (!INSTALLED.remove(this)) {
        return;
      }
      for (SignalHook other : INSTALLED) {
        if (other.previous == ours) {
          other.previous = previous;
          return;
        }
      }
      Object found = swap(previous);
      if (found != ours) {
        swap(found);
      }
    }
  }

  private Object swap(Object handler) {
    try {
      return handle.invoke(null, jdkSignal, handler);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot restore the handler of " + signal, e);
    }
  }

  private static Object proxy(Class<?> handlerType, Signal signal, Runnable onSignal) {
    return Proxy.newProxyInstance(
        handlerType.getClassLoader(),
        new Class<?>[] {handlerType},
        (self, method, arguments) ->
            switch (method.getName()) {
              case "equals" -> self == arguments[0];
              case "hashCode" -> System.identityHashCode(self);
              case "toString" -> "asyncio's handler of " + signal;
              default -> {
                onSignal.run();
                yield null;
              }
            });
  }
}
