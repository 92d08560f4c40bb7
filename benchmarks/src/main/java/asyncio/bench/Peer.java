package asyncio.bench;

import java.util.List;

/**
 * A program that takes part in a benchmark.
 *
 * @param name in tables and after {@code --peers}
 * @param role what it stands for
 * @param program how to start it
 */
record Peer(String name, Role role, Program program) {

  /** What a participant stands for. */
  enum Role {
    /** What the machine, or the JDK, allows at best. */
    LIMIT,
    /** This library. */
    OURS,
    /** What others make. */
    OTHER
  }

  /** Gives a command line; prepares what it needs before, such as compiling it. */
  @FunctionalInterface
  interface Program {
    /**
     * The command line.
     *
     * @param mode what the program is to do, its last argument
     * @throws NotHere if it cannot run on this machine
     */
    List<String> command(String mode) throws NotHere;
  }

  /** A participant cannot run on this machine; says why. */
  static final class NotHere extends Exception {
    private static final long serialVersionUID = 1L;

    NotHere(String reason) {
      super(reason);
    }
  }
}
