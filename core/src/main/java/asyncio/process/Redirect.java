package asyncio.process;

import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a standard stream of a child process comes from or goes to.
 *
 * <p><b>Threading:</b> immutable.
 */
public sealed interface Redirect {

  /** A pipe to this program: the transport, or the stream, of that name. */
  Redirect PIPE = Fixed.PIPE;

  /** The stream of this program itself. */
  Redirect INHERIT = Fixed.INHERIT;

  /** Nothing: what is written is dropped, and reading meets the end at once. */
  Redirect DISCARD = Fixed.DISCARD;

  /** Standard error goes where standard output goes, in the order of the writes. */
  Redirect STDOUT = Fixed.STDOUT;

  /** Reads a file, from its beginning. */
  static Redirect from(Path file) {
    return new FromFile(file);
  }

  /** Writes a file, which is made if need be, and cut to nothing first. */
  static Redirect to(Path file) {
    return new ToFile(file, false);
  }

  /** Writes behind what is in a file, which is made if need be. */
  static Redirect appendTo(Path file) {
    return new ToFile(file, true);
  }

  /**
   * Reads a pipe, which another child may write: the two are connected directly.
   *
   * <p>The pipe is new: nothing was written to it, except by children that were given it. Its
   * source is closed in this process once the child has it.
   */
  static Redirect from(Pipe pipe) {
    return new FromPipe(pipe);
  }

  /**
   * Writes a pipe, which another child may read: the two are connected directly.
   *
   * <p>The pipe is new, as for {@link #from(Pipe)}. Its sink is closed in this process once the
   * child has it, so that the reader meets the end when the child ends.
   */
  static Redirect to(Pipe pipe) {
    return new ToPipe(pipe);
  }

  /** The redirections that need nothing else. */
  enum Fixed implements Redirect {
    PIPE,
    INHERIT,
    DISCARD,
    STDOUT
  }

  /** As {@link Redirect#from(Path)} makes it. */
  record FromFile(Path file) implements Redirect {
    public FromFile {
      Objects.requireNonNull(file, "file");
    }
  }

  /** As {@link Redirect#to(Path)} and {@link Redirect#appendTo} make it. */
  record ToFile(Path file, boolean append) implements Redirect {
    public ToFile {
      Objects.requireNonNull(file, "file");
    }
  }

  /** As {@link Redirect#from(Pipe)} makes it. */
  record FromPipe(Pipe pipe) implements Redirect {
    public FromPipe {
      Objects.requireNonNull(pipe, "pipe");
    }
  }

  /** As {@link Redirect#to(Pipe)} makes it. */
  record ToPipe(Pipe pipe) implements Redirect {
    public ToPipe {
      Objects.requireNonNull(pipe, "pipe");
    }
  }
}
