package asyncio.internal.process;

import asyncio.process.Redirect;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The named pipes (FIFOs) among the files of a command. Opening one waits for its other end, and
 * nothing but that other end makes it go on.
 *
 * <p><b>Threading:</b> thread-safe; it looks at files, so not for a loop's thread.
 */
final class NamedPipes {
  private static final int FILE_TYPE = 0xf000; // of a mode, as in <sys/stat.h>
  private static final int NAMED_PIPE = 0x1000;

  private final List<Path> files;
  private final List<RandomAccessFile> otherEnds = new ArrayList<>();
  private boolean isClosed;

  private NamedPipes(List<Path> files) {
    this.files = files;
  }

  /** Of a command; looks at no file yet. */
  static NamedPipes of(Command command) {
    return new NamedPipes(
        Stream.of(command.stdin(), command.stdout(), command.stderr())
            .map(NamedPipes::file)
            .filter(Objects::nonNull)
            .toList());
  }

  private static @Nullable Path file(Redirect redirect) {
    return switch (redirect) {
      case Redirect.FromFile(Path file) -> file;
      case Redirect.ToFile(Path file, boolean _) -> file;
      case Redirect.Fixed _, Redirect.FromPipe _, Redirect.ToPipe _ -> null;
    };
  }

  boolean areAny() {
    return files.stream().anyMatch(NamedPipes::isNamedPipe);
  }

  private static boolean isNamedPipe(Path file) {
    try {
      return Files.getAttribute(file, "unix:mode") instanceof Integer mode
          && (mode & FILE_TYPE) == NAMED_PIPE;
    } catch (IOException e) {
      return false; // it is made, or is missed, when the command is started
    } catch (UnsupportedOperationException e) {
      return false; // this system has none
    }
  }

  /** Opens the other ends, until {@link #close}; reading and writing in one does not wait. */
  synchronized void release() {
    for (Path file : files) {
      if (!isClosed && isNamedPipe(file)) {
        try {
          otherEnds.add(new RandomAccessFile(file.toFile(), "rw"));
        } catch (IOException e) {
          // then it may not be opened by the command either
        }
      }
    }
  }

  /** Nothing waits any more. */
  synchronized void close() {
    isClosed = true;
    for (RandomAccessFile end : otherEnds) {
      try {
        end.close();
      } catch (IOException e) {
        // nothing was written
      }
    }
  }
}
