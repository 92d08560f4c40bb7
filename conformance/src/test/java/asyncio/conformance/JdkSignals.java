package asyncio.conformance;

import asyncio.Signal;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * What a program does with signals through the JDK's own class. By reflection, since the compiler's
 * warning about that class cannot be suppressed.
 */
final class JdkSignals {
  private JdkSignals() {}

  /** Puts back the handler that was there before. */
  interface Restore extends AutoCloseable {
    @Override
    void close() throws ReflectiveOperationException;
  }

  /** Sets a handler as a program would. */
  static Restore handle(Signal signal, Runnable handler) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.SignalHandler");
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (method.getName().equals("handle")) {
                handler.run();
              }
              return method.getName().equals("equals") ? (Object) (self == arguments[0]) : null;
            });
    Class<?> signalType = Class.forName("sun.misc.Signal");
    Method handle = signalType.getMethod("handle", signalType, type);
    Object previous = handle.invoke(null, of(signal), proxy);
    return () -> handle.invoke(null, of(signal), previous);
  }

  /** Sends the signal to this process. */
  static void raise(Signal signal) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      signalType.getMethod("raise", signalType).invoke(null, of(signal));
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  static int number(Signal signal) throws ReflectiveOperationException {
    Object jdkSignal = of(signal);
    return (int) jdkSignal.getClass().getMethod("getNumber").invoke(jdkSignal);
  }

  private static Object of(Signal signal) throws ReflectiveOperationException {
    return Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(signal.name());
  }
}
