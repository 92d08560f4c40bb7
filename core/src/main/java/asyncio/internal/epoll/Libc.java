package asyncio.internal.epoll;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of this package, through the foreign function API.
 *
 * <p>Each call that can fail takes a segment {@code errno}, of {@link #ERRNO}, for the number of
 * its error; a segment is used by one thread at a time.
 *
 * <p><b>Threading:</b> thread-safe. A failing link makes every use of the class fail.
 */
@SuppressWarnings("restricted") // Epoll looks first whether native access is enabled
final class Libc {
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EBADF = 9;
  static final int EEXIST = 17;
  private static final int ENOSYS = 38;

  static final int CTL_ADD = 1;
  static final int CTL_DEL = 2;
  static final int CTL_MOD = 3;

  /** The flag for a descriptor that child processes do not get. */
  private static final int CLOSE_ON_EXEC = 0x80000;

  private static final int NON_BLOCKING = 0x800;

  /** Where the number of an error goes. */
  static final StructLayout ERRNO = Linker.Option.captureStateLayout();

  private static final VarHandle ERRNO_VALUE =
      ERRNO.varHandle(StructLayout.PathElement.groupElement("errno"));

  private static final MethodHandle CREATE;
  private static final MethodHandle CONTROL;
  private static final MethodHandle WAIT_MILLIS;
  private static final @Nullable MethodHandle WAIT_NANOS;
  private static final MethodHandle EVENT_DESCRIPTOR;
  private static final MethodHandle ADD_TO_EVENT;
  private static final MethodHandle CLOSE;

  static {
    ValueLayout number = ValueLayout.JAVA_INT;
    ValueLayout pointer = ValueLayout.ADDRESS;
    CREATE = link("epoll_create1", true, number);
    CONTROL = link("epoll_ctl", true, number, number, number, pointer);
    WAIT_MILLIS = link("epoll_wait", true, number, pointer, number, number);
    WAIT_NANOS =
        Linker.nativeLinker().defaultLookup().find("epoll_pwait2").isPresent()
            ? link("epoll_pwait2", true, number, pointer, number, pointer, pointer)
            : null;
    EVENT_DESCRIPTOR = link("eventfd", true, number, number);
    ADD_TO_EVENT = link("eventfd_write", false, number, ValueLayout.JAVA_LONG);
    CLOSE = link("close", false, number);
  }

  private Libc() {}

  /** All of them give an {@code int}. */
  private static MethodHandle link(String name, boolean keepsErrno, ValueLayout... parameters) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup library = linker.defaultLookup();
    MemorySegment function =
        library
            .find(name)
            .orElseThrow(() -> new NoSuchElementException("the C library has no " + name));
    FunctionDescriptor shape = FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters);
    return keepsErrno
        ? linker.downcallHandle(function, shape, Linker.Option.captureCallState("errno"))
        : linker.downcallHandle(function, shape);
  }

  /** Opens an epoll instance. */
  static int create(MemorySegment errno) throws IOException {
    try {
      int descriptor = (int) CREATE.invokeExact(errno, CLOSE_ON_EXEC);
      if (descriptor < 0) {
        throw new IOException("epoll_create1: error " + errnoOf(errno));
      }
      return descriptor;
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  /** Opens a counter that can wake an epoll instance. */
  static int openEvent(MemorySegment errno) throws IOException {
    try {
      int descriptor = (int) EVENT_DESCRIPTOR.invokeExact(errno, 0, CLOSE_ON_EXEC | NON_BLOCKING);
      if (descriptor < 0) {
        throw new IOException("eventfd: error " + errnoOf(errno));
      }
      return descriptor;
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  /**
   * Adds, changes or removes a descriptor.
   *
   * @return 0, or the number of the error
   */
  static int control(
      MemorySegment errno, int epoll, int operation, int descriptor, MemorySegment event) {
    try {
      int result = (int) CONTROL.invokeExact(errno, epoll, operation, descriptor, event);
      return result < 0 ? errnoOf(errno) : 0;
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  /**
   * Waits for events.
   *
   * @param events where they go, room for {@code max} of them
   * @param timespec scratch memory, 16 bytes
   * @param nanos 0 not to wait; {@code Long.MAX_VALUE} without limit
   * @return how many there are; 0 also after a signal
   */
  static int await(
      MemorySegment errno,
      int epoll,
      MemorySegment events,
      int max,
      MemorySegment timespec,
      long nanos)
      throws IOException {
    int count;
    try {
      if (WAIT_NANOS == null || !Precision.nanos) {
        count = (int) WAIT_MILLIS.invokeExact(errno, epoll, events, max, roundUpToMillis(nanos));
      } else {
        MemorySegment limit = MemorySegment.NULL;
        if (nanos != Long.MAX_VALUE) {
          limit = timespec;
          limit.set(ValueLayout.JAVA_LONG, 0, nanos / 1_000_000_000);
          limit.set(ValueLayout.JAVA_LONG, 8, nanos % 1_000_000_000);
        }
        count = (int) WAIT_NANOS.invokeExact(errno, epoll, events, max, limit, MemorySegment.NULL);
      }
    } catch (Throwable t) {
      throw sneaky(t);
    }
    if (count < 0) {
      int error = errnoOf(errno);
      if (error == ENOSYS && Precision.nanos) {
        Precision.nanos = false; // a kernel before 5.11
      } else if (error != EINTR) {
        throw new IOException("epoll_wait: error " + error);
      }
      return 0;
    }
    return count;
  }

  private static int roundUpToMillis(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      return -1;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    long roundedUp = TimeUnit.MILLISECONDS.toNanos(millis) < nanos ? millis + 1 : millis;
    return (int) Math.min(roundedUp, Integer.MAX_VALUE);
  }

  /** Makes an event descriptor ready. Cannot fail but by being full, when it is ready already. */
  static void signal(int event) {
    try {
      int _ = (int) ADD_TO_EVENT.invokeExact(event, 1L);
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  /** Closes a descriptor, whatever it says: it is gone even if that is an error. */
  static void close(int descriptor) {
    try {
      int _ = (int) CLOSE.invokeExact(descriptor);
    } catch (Throwable t) {
      throw sneaky(t);
    }
  }

  private static int errnoOf(MemorySegment errno) {
    return (int) ERRNO_VALUE.get(errno, 0L);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> RuntimeException sneaky(Throwable t) throws T {
    throw (T) t;
  }

  /** What the kernel can do; set once, by any thread, and harmless if seen late. */
  private static final class Precision {
    static boolean nanos = true;
  }
}
