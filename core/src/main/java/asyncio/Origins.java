package asyncio;

import asyncio.internal.inspect.WrappedCode;
import asyncio.internal.loop.MeteredTransport;
import asyncio.net.BaseProtocol;
import java.util.ArrayList;
import java.util.List;

/** Where things were created, for debug mode and for text forms. */
final class Origins {
  private static final int MAX_FRAMES = 10;
  private static final StackWalker WALKER = StackWalker.getInstance();

  private Origins() {}

  /**
   * The caller's stack, innermost frame of user code first, at most ten entries, without frames of
   * the library.
   */
  static List<StackTraceElement> capture() {
    return WALKER.walk(frames ->
        frames
            .map(StackWalker.StackFrame::toStackTraceElement)
            .dropWhile(Origins::isInternal)
            .filter(frame -> !isInternal(frame))
            .limit(MAX_FRAMES)
            .toList());
  }

  /** The frames of user code in a stack, in its order. */
  static List<StackTraceElement> userFrames(StackTraceElement[] stack) {
    List<StackTraceElement> frames = new ArrayList<>();
    for (StackTraceElement frame : stack) {
      if (!isInternal(frame) && !frame.getClassName().startsWith("jdk.internal.vm.")) {
        frames.add(frame);
      }
    }
    return frames;
  }

  /** Whether a frame belongs to the library or to the machinery of virtual threads below it. */
  static boolean isInternal(StackTraceElement frame) {
    String type = frame.getClassName();
    return isLibrary(frame)
        || type.equals("java.lang.VirtualThread")
        || type.startsWith("java.lang.VirtualThread$");
  }

  /** Whether a frame belongs to the library. */
  static boolean isLibrary(StackTraceElement frame) {
    String type = frame.getClassName();
    int dot = type.lastIndexOf('.');
    String packageName = dot < 0 ? "" : type.substring(0, dot);
    return ("asyncio".equals(frame.getModuleName()) || frame.getModuleName() == null)
        && (packageName.equals("asyncio")
            || packageName.equals("asyncio.inspect")
            || packageName.equals("asyncio.net")
            || packageName.equals("asyncio.process")
            || packageName.equals("asyncio.sync")
            || packageName.startsWith("asyncio.internal"));
  }

  /** Whether a frame belongs to the JDK. */
  static boolean isJdk(StackTraceElement frame) {
    String module = frame.getModuleName();
    return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
  }

  static String describe(StackTraceElement frame) {
    return frame.getFileName() + ":" + frame.getLineNumber();
  }

  /** A readable name of a callback or coroutine: for a lambda the class that contains it. */
  static String describeCallable(Object callable) {
    return describeType(codeOf(callable).getClass());
  }

  /** The user's code in what the library has put around it; of a transport its protocol. */
  static Object codeOf(Object callable) {
    return switch (callable) {
      case ActionCoroutine wrapper -> codeOf(wrapper.action());
      case TrackedCoroutine<?> tracked -> codeOf(tracked.code);
      case WrappedCode wrapper -> codeOf(wrapper.wrappedCode());
      case MeteredTransport transport -> {
        BaseProtocol protocol = transport.talksTo();
        yield protocol == null ? transport : protocol;
      }
      default -> callable;
    };
  }

  static String describeType(Class<?> type) {
    String name = type.getName();
    int lambda = name.indexOf("$$Lambda");
    return lambda >= 0 ? name.substring(0, lambda) + ".lambda" : name;
  }
}
