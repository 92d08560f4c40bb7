package asyncio.internal.vthread;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.channels.Channel;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The only reflection into the JDK: virtual threads with a scheduler of our choice, and the
 * descriptors of channels.
 *
 * <p>Needs {@code --add-opens java.base/java.lang=asyncio} (or {@code ALL-UNNAMED} on the class
 * path). Written for JDK 25: whatever is not found or has another shape makes {@link
 * #unavailableBecause} non-null, and nothing here is used then. The descriptors have a reason of
 * their own.
 */
public final class JdkInternals {

  private static final @Nullable MethodHandle NEW_VIRTUAL_THREAD;
  private static final @Nullable VarHandle SCHEDULER;
  private static final @Nullable Class<?> VIRTUAL_THREAD;
  private static final @Nullable Executor DEFAULT_SCHEDULER;
  private static final @Nullable String UNAVAILABLE_BECAUSE;

  static {
    MethodHandle newVirtualThread = null;
    VarHandle scheduler = null;
    Class<?> virtualThread = null;
    Executor defaultScheduler = null;
    String reason = null;
    try {
      Class<?> builders = Class.forName("java.lang.ThreadBuilders");
      virtualThread = Class.forName("java.lang.VirtualThread");
      MethodHandles.Lookup own = MethodHandles.lookup();
      newVirtualThread =
          MethodHandles.privateLookupIn(builders, own)
              .findStatic(
                  builders,
                  "newVirtualThread",
                  MethodType.methodType(
                      Thread.class, Executor.class, String.class, int.class, Runnable.class));
      scheduler =
          MethodHandles.privateLookupIn(virtualThread, own)
              .findVarHandle(virtualThread, "scheduler", Executor.class);
      defaultScheduler =
          (Executor)
              MethodHandles.privateLookupIn(virtualThread, own)
                  .findStatic(
                      virtualThread, "defaultScheduler", MethodType.methodType(Executor.class))
                  .invoke();
    } catch (Throwable t) {
      reason = t.toString();
    }
    NEW_VIRTUAL_THREAD = newVirtualThread;
    SCHEDULER = scheduler;
    VIRTUAL_THREAD = reason == null ? virtualThread : null;
    DEFAULT_SCHEDULER = defaultScheduler;
    UNAVAILABLE_BECAUSE = reason;
  }

  private JdkInternals() {}

  /** Why the internals cannot be used, or null if they can. */
  static @Nullable String unavailableBecause() {
    return UNAVAILABLE_BECAUSE;
  }

  /** Makes an unstarted virtual thread whose continuations are handed to {@code scheduler}. */
  @SuppressWarnings("NullAway") // called only if the internals can be used
  static Thread newVirtualThread(Executor scheduler, @Nullable String name, Runnable main) {
    try {
      return (Thread) NEW_VIRTUAL_THREAD.invokeExact(scheduler, name, 0, main);
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  /** The scheduler of a virtual thread, or null if it is of another kind. */
  @SuppressWarnings("NullAway") // VIRTUAL_THREAD is null if SCHEDULER is
  static @Nullable Executor schedulerOf(Thread thread) {
    return thread.getClass() == VIRTUAL_THREAD ? (Executor) SCHEDULER.get(thread) : null;
  }

  /** The scheduler of the JDK's ordinary virtual threads. */
  @SuppressWarnings("NullAway") // called only if the internals can be used
  static Executor defaultScheduler() {
    return DEFAULT_SCHEDULER;
  }

  // ---- descriptors

  /** Why {@link #descriptorOf} cannot be used, or null if it can. */
  public static @Nullable String descriptorsUnavailableBecause() {
    return Descriptors.UNAVAILABLE_BECAUSE;
  }

  /**
   * The number of a channel's descriptor, also when that is closed; -1 if it is no channel of the
   * JDK's that can be selected.
   */
  @SuppressWarnings("NullAway") // called only if descriptors are available
  public static int descriptorOf(Channel channel) {
    if (!Descriptors.TYPE.isInstance(channel)) {
      return -1;
    }
    try {
      return (int) Descriptors.NUMBER.invokeExact(channel);
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  /** Apart, since few programs ask. */
  private static final class Descriptors {
    static final @Nullable Class<?> TYPE;
    static final @Nullable MethodHandle NUMBER;
    static final @Nullable String UNAVAILABLE_BECAUSE;

    static {
      Class<?> type = null;
      MethodHandle number = null;
      String reason = null;
      try {
        type = Class.forName("sun.nio.ch.SelChImpl");
        number = readNumber(type).asType(MethodType.methodType(int.class, Channel.class));
      } catch (Throwable t) {
        reason = t.toString();
      }
      TYPE = type;
      NUMBER = number;
      UNAVAILABLE_BECAUSE = reason;
    }

    /** The package is exported by a flag, or by the other one, which opens {@link Module}. */
    private static MethodHandle readNumber(Class<?> type) throws Throwable {
      MethodHandles.Lookup own = MethodHandles.lookup();
      MethodType wanted = MethodType.methodType(int.class);
      try {
        return own.findVirtual(type, "getFDVal", wanted);
      } catch (IllegalAccessException e) {
        MethodHandle export =
            MethodHandles.privateLookupIn(Module.class, own)
                .findVirtual(
                    Module.class,
                    "implAddExports",
                    MethodType.methodType(void.class, String.class, Module.class));
        export.invoke(Object.class.getModule(), "sun.nio.ch", JdkInternals.class.getModule());
        return own.findVirtual(type, "getFDVal", wanted);
      }
    }
  }

  private static RuntimeException sneaky(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException r ? r : new IllegalStateException(t);
  }
}
