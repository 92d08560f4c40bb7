package asyncio.internal.process;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Finds the numbers of the descriptors of a {@link Pipe}, on Linux.
 *
 * <p>With its number a child process can be given an end of the pipe: what is opened under the name
 * {@code /proc/self/fd/N} is the same pipe, but a descriptor of its own, with its own blocking
 * mode.
 *
 * <p><b>Threading:</b> thread-safe; it reads files, so not for a loop's thread.
 */
final class PipeDescriptors {
  /*
   * The JDK tells no numbers. So some bytes are put into the pipe, and the pipes of this process are asked how many bytes
   * each of them has, until one has just as many, and still does when some more were put in.
   *
   * A foreign pipe is asked through a descriptor that is opened for reading and writing, which never waits, and closed at
   * once. A new descriptor has the lowest free number, so the search begins where the last one ended.
   */
  private static final Path FOLDER = Path.of("/proc/self/fd");
  private static final int NEAR = 64;
  private static final int MAX_MARK =
      3000; // with a few more, less than a page: any pipe holds that
  private static final int MAX_PROOF = 16;

  /** The pipes of the program that were used before. Guarded by the class. */
  private static final Map<Pipe, PipeDescriptors> KNOWN = new WeakHashMap<>();

  private static int hint = 8;
  private static @Nullable Boolean possible;

  private final int source;
  private final int sink;

  private PipeDescriptors(int source, int sink) {
    this.source = source;
    this.sink = sink;
  }

  /** Whether it works here: found out once, with a pipe. */
  static synchronized boolean isPossible() throws IOException {
    if (possible == null) {
      possible = Files.isDirectory(FOLDER) && worksOnce();
    }
    return possible;
  }

  private static boolean worksOnce() throws IOException {
    Pipe pipe = Pipe.open();
    try (var _ = pipe.source();
        var _ = pipe.sink()) {
      find(pipe);
      return true;
    } catch (IOException e) {
      System.getLogger("asyncio")
          .log(Level.DEBUG, "child processes get pipes that threads serve", e);
      return false;
    }
  }

  // ---- pipes of this library, which nobody else has seen

  /**
   * A file whose opening, in either direction, is the opening of {@code pipe}, while that is open.
   */
  static synchronized File file(Pipe pipe) throws IOException {
    return FOLDER.resolve(String.valueOf(find(pipe))).toFile();
  }

  // ---- pipes of the program, of which an end may be closed already

  /**
   * As {@link #file}, for a pipe that may have been given to another child before.
   *
   * @throws IOException if it is closed, or was not empty the first time
   */
  static synchronized File fileOfShared(Pipe pipe) throws IOException {
    PipeDescriptors descriptors = KNOWN.get(pipe);
    if (descriptors == null) {
      checkEmpty(pipe);
      int found = find(pipe);
      descriptors = withOtherEnd(found);
      KNOWN.put(pipe, descriptors);
    }
    if (pipe.source().isOpen()) {
      return FOLDER.resolve(String.valueOf(descriptors.source)).toFile();
    }
    if (pipe.sink().isOpen()) {
      return FOLDER.resolve(String.valueOf(descriptors.sink)).toFile();
    }
    throw new IOException("both ends of " + pipe + " are closed; a child can be given an open one");
  }

  private static void checkEmpty(Pipe pipe) throws IOException {
    pipe.source().configureBlocking(false);
    try {
      if (pipe.source().read(ByteBuffer.allocate(1)) != 0) {
        throw new IOException(
            pipe + " is not new: something was written to it, or it was closed; use a new one");
      }
    } finally {
      pipe.source().configureBlocking(true);
    }
  }

  private static PipeDescriptors withOtherEnd(int found) throws IOException {
    String link = linkOf(found);
    for (int distance = 1; distance <= NEAR; distance++) {
      for (int number : new int[] {found + distance, found - distance}) {
        if (link != null && link.equals(linkOf(number))) {
          return isReadable(found)
              ? new PipeDescriptors(found, number)
              : new PipeDescriptors(number, found);
        }
      }
    }
    throw notFound();
  }

  /** The link of a descriptor has the permissions of the descriptor. */
  private static boolean isReadable(int number) throws IOException {
    return Files.getPosixFilePermissions(
            FOLDER.resolve(String.valueOf(number)), LinkOption.NOFOLLOW_LINKS)
        .contains(PosixFilePermission.OWNER_READ);
  }

  // ---- the search

  private static int find(Pipe pipe) throws IOException {
    Search search = new Search(pipe);
    int found = search.run();
    search.takeMarkOut();
    hint = found;
    return found;
  }

  /** The search for one pipe, which is marked by how many bytes are in it. */
  private static final class Search {
    private final Pipe pipe;
    private int mark;

    Search(Pipe pipe) throws IOException {
      this.pipe = pipe;
      put(upTo(MAX_MARK));
    }

    private static int upTo(int max) {
      return 1 + ThreadLocalRandom.current().nextInt(max);
    }

    private void put(int count) throws IOException {
      pipe.sink().write(ByteBuffer.allocate(count));
      mark += count;
    }

    void takeMarkOut() throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(mark);
      while (bytes.hasRemaining()) {
        pipe.source().read(bytes);
      }
    }

    int run() throws IOException {
      for (int distance = 0; distance <= NEAR; distance++) {
        if (isIt(hint + distance)) {
          return hint + distance;
        }
        if (isIt(hint - distance)) {
          return hint - distance;
        }
      }
      try (var all = Files.newDirectoryStream(FOLDER)) {
        for (Path each : all) {
          int number = Integer.parseInt(each.getFileName().toString());
          if (isIt(number)) {
            return number;
          }
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
      throw notFound();
    }

    private boolean isIt(int number) throws IOException {
      String link = linkOf(number);
      if (link == null || !link.startsWith("pipe:")) {
        return false;
      }
      String name = FOLDER.resolve(String.valueOf(number)).toString();
      try (var file = new RandomAccessFile(name, "rw");
          var asked = new FileInputStream(file.getFD())) {
        if (asked.available() != mark) {
          return false;
        }
        put(upTo(MAX_PROOF)); // another pipe may have as many, but it does not get as many now
        return asked.available() == mark;
      } catch (FileNotFoundException e) {
        return false; // closed meanwhile
      }
    }
  }

  private static @Nullable String linkOf(int number) throws IOException {
    try {
      return number < 0
          ? null
          : Files.readSymbolicLink(FOLDER.resolve(String.valueOf(number))).toString();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static IOException notFound() {
    return new IOException("the descriptors of a pipe were not found in " + FOLDER);
  }
}
