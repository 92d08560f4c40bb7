package asyncio.internal.epoll;

import asyncio.internal.vthread.JdkInternals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.spi.SelectorProvider;
import org.jspecify.annotations.Nullable;

/**
 * Whether this process can wait with {@code epoll}.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class Epoll {
  private static boolean worked;

  private Epoll() {}

  /**
   * Why it cannot, with the remedy; null if it can, which is tried out until it has worked once.
   */
  public static @Nullable String unavailableBecause() {
    return Permission.REFUSED_BECAUSE != null ? Permission.REFUSED_BECAUSE : tryOut();
  }

  /**
   * Checks that it can.
   *
   * @throws UnsupportedOperationException with the reason
   */
  static void checkAvailable() {
    String reason = unavailableBecause();
    if (reason != null) {
      throw new UnsupportedOperationException(
          "loops that wait with epoll do not work here: " + reason);
    }
  }

  /** What does not change while the process lives. */
  private static final class Permission {
    static final @Nullable String REFUSED_BECAUSE = find();

    private static @Nullable String find() {
      String system = System.getProperty("os.name");
      if (!system.equals("Linux")) {
        return "epoll is Linux's, and this is " + system + "; use the loop 'selector'";
      }
      Module module = Epoll.class.getModule();
      String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
      if (!module.isNativeAccessEnabled()) {
        return "it calls native functions; start java with --enable-native-access=" + name;
      }
      String hidden = JdkInternals.descriptorsUnavailableBecause();
      return hidden == null
          ? null
          : "it needs the descriptors of channels; start java with --add-opens java.base/java.lang="
              + name
              + " ("
              + hidden
              + ")";
    }
  }

  private static synchronized @Nullable String tryOut() {
    if (!worked) {
      try {
        String failure = selfTest();
        if (failure != null) {
          return failure;
        }
        worked = true;
      } catch (IOException | RuntimeException | LinkageError e) {
        return "its self-test failed: " + e;
      }
    }
    return null;
  }

  /** Whether constants and structures of this machine are as expected. */
  private static @Nullable String selfTest() throws IOException {
    Pipe pipe = SelectorProvider.provider().openPipe();
    try (var source = pipe.source();
        var sink = pipe.sink()) {
      int descriptor = JdkInternals.descriptorOf(source);
      if (descriptor < 0) {
        return "channels come from "
            + SelectorProvider.provider()
            + ", which tells no descriptors; use the loop 'selector'";
      }
      EventBuffer buffer = new EventBuffer();
      int epoll = Libc.create(buffer.errno());
      try {
        long token = 0x1234_5678_9abc_def0L;
        int error = buffer.control(epoll, Libc.CTL_ADD, descriptor, EventBuffer.READABLE, token);
        int before = buffer.await(epoll, 0);
        sink.write(ByteBuffer.wrap(new byte[1]));
        int after = buffer.await(epoll, 1_000_000_000);
        return error == 0
                && before == 0
                && after == 1
                && buffer.mask(0) == EventBuffer.READABLE
                && buffer.token(0) == token
            ? null
            : "its self-test failed: the kernel's answers are not as expected";
      } finally {
        Libc.close(epoll);
      }
    }
  }
}
