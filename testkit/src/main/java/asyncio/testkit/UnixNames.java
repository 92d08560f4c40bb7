package asyncio.testkit;

import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The paths of a network's UNIX sockets. There are no files: a path that nobody is bound to any
 * more stays known, so that a connect is refused, and can be bound again, as if the file had been
 * removed.
 *
 * <p><b>Threading:</b> guarded by the network's lock.
 */
final class UnixNames {
  private final Map<Path, @Nullable MemoryChannel> names = new HashMap<>();

  private int generated;

  /** A name that nobody has. */
  UnixDomainSocketAddress generate() {
    return UnixDomainSocketAddress.of("/memory/socket-" + ++generated);
  }

  void bind(MemoryChannel channel, Path path) throws BindException {
    if (names.get(path) != null) {
      throw new BindException("Address already in use");
    }
    names.put(path, channel);
  }

  void unbind(MemoryChannel channel) {
    names.replaceAll((_, bound) -> bound == channel ? null : bound);
  }

  /** Whether something was ever bound there. */
  boolean isKnown(Path path) {
    return names.containsKey(path);
  }

  @Nullable MemoryChannel at(Path path) {
    return names.get(path);
  }
}
