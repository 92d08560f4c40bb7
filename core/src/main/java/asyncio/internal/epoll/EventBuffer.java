package asyncio.internal.epoll;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The memory in which one poller and the kernel exchange events.
 *
 * <p><b>Threading:</b> for one thread at a time.
 */
final class EventBuffer {
  static final int READABLE = 0x1;
  static final int URGENT = 0x2;
  static final int WRITABLE = 0x4;
  static final int FAILED = 0x8;
  static final int HUNG_UP = 0x10;

  /** An event for each change, instead of one for each wait. */
  static final int ON_CHANGE = 1 << 31;

  static final int CAPACITY = 512;

  /** The structure has no padding on x86-64, so that 32-bit programs can share it. */
  private static final boolean IS_PACKED = System.getProperty("os.arch").equals("amd64");

  private static final long SIZE = IS_PACKED ? 12 : 16;
  private static final long TOKEN = IS_PACKED ? 4 : 8;

  private final MemorySegment errno;
  private final MemorySegment events;
  private final MemorySegment change;
  private final MemorySegment timespec;

  /** The memory is given back by the collector: a late use by a thread can do no harm. */
  EventBuffer() {
    Arena arena = Arena.ofAuto();
    errno = arena.allocate(Libc.ERRNO);
    events = arena.allocate(SIZE * CAPACITY, 8);
    change = arena.allocate(SIZE, 8);
    timespec = arena.allocate(16, 8);
  }

  MemorySegment errno() {
    return errno;
  }

  /**
   * Asks {@code epoll} for the events in {@code mask} of a descriptor, or for none any more.
   *
   * @param operation one of {@code Libc.CTL_…}
   * @param token comes with each event
   * @return 0, or the number of the error
   */
  int control(int epoll, int operation, int descriptor, int mask, long token) {
    change.set(ValueLayout.JAVA_INT, 0, mask);
    change.set(ValueLayout.JAVA_LONG_UNALIGNED, TOKEN, token);
    return Libc.control(errno, epoll, operation, descriptor, change);
  }

  /** Waits for events, and says how many there are; then {@link #mask} and {@link #token}. */
  int await(int epoll, long nanos) throws IOException {
    return Libc.await(errno, epoll, events, CAPACITY, timespec, nanos);
  }

  int mask(int index) {
    return events.get(ValueLayout.JAVA_INT, index * SIZE);
  }

  long token(int index) {
    return events.get(ValueLayout.JAVA_LONG_UNALIGNED, index * SIZE + TOKEN);
  }
}
