package asyncio.internal.net;

import asyncio.internal.loop.IoHost;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketException;
import java.nio.channels.spi.SelectorProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** The file under which a UNIX domain socket is found. */
final class UnixSocketFile {
  private static final int LONGEST = 106;
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_SOCKET = 0140000;

  private UnixSocketFile() {}

  /** Whether paths are files at all: they are none in a network that is not the system's. */
  static boolean hasFiles(SelectorProvider provider) {
    return provider == SelectorProvider.provider();
  }

  /**
   * Refuses what no socket can be at.
   *
   * @throws SocketException if it is too long for the operating system
   * @throws IllegalArgumentException if it is empty
   */
  static void check(Path path) throws SocketException {
    String text = path.toString();
    if (text.isEmpty()) {
      throw new IllegalArgumentException("path: is empty; name the file of the socket");
    }
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > LONGEST) {
      throw new SocketException(
          "path: a UNIX domain socket's has "
              + LONGEST
              + " bytes at most, this one "
              + length
              + ": "
              + path
              + "; use a shorter one");
    }
  }

  static boolean isSocket(Path path) throws IOException {
    try {
      int mode = (Integer) Files.getAttribute(path, "unix:mode");
      return (mode & TYPE_MASK) == TYPE_SOCKET;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return Files.readAttributes(path, BasicFileAttributes.class).isOther(); // not POSIX
    }
  }

  /** Removes the file if it is a socket's, so that its path can be bound again (UNIX-5). */
  static void removeStale(IoHost host, Path path) {
    try {
      if (isSocket(path)) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // nothing there
    } catch (IOException e) {
      host.log(Level.ERROR, "Unable to check or remove stale UNIX socket " + path, e);
    }
  }

  /** What distinguishes this file from one that takes its place; null if there is none. */
  static @Nullable Object identity(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      Object key = attributes.fileKey();
      return key != null ? key : attributes.creationTime();
    } catch (IOException e) {
      return null;
    }
  }

  /** What removes the file, unless another has taken its place by then (UNIX-7, UNIX-8). */
  static @Nullable Runnable removal(IoHost host, Path path) {
    Path absolute = path.toAbsolutePath();
    Object identity = identity(absolute);
    if (identity == null) {
      return null;
    }
    return () -> {
      if (identity.equals(identity(absolute))) {
        try {
          Files.deleteIfExists(absolute);
        } catch (IOException e) {
          host.log(Level.ERROR, "Unable to clean up listening UNIX socket " + absolute, e);
        }
      }
    };
  }
}
