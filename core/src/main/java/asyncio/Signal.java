package asyncio;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * A signal of POSIX systems, to be handled with {@link EventLoop#addSignalHandler} or sent to a
 * child process.
 *
 * <p>Which of them can be handled is for the JVM to say: it keeps some for itself (see there).
 * Real-time signals are not among them, since no JVM lets a program handle one.
 */
public enum Signal {
  /** The terminal was closed; for daemons by custom: read the configuration again. */
  HUP(1),
  /** Ctrl-C. */
  INT(2),
  /** Ctrl-\; the JVM prints its threads. */
  QUIT(3),
  ILL(4),
  TRAP(5),
  ABRT(6),
  BUS(7, 10),
  FPE(8),
  /** Ends a process at once; it cannot be handled. */
  KILL(9),
  /** Has no meaning but what programs give it. */
  USR1(10, 30),
  SEGV(11),
  /** Has no meaning but what programs give it; the JVM suspends threads with it. */
  USR2(12, 31),
  PIPE(13),
  ALRM(14),
  /** The request to end, which {@code kill} and service managers send. */
  TERM(15),
  /** A child ended. */
  CHLD(17, 20),
  CONT(18, 19),
  /** Stops a process until {@link #CONT}; it cannot be handled. */
  STOP(19, 17),
  /** Ctrl-Z. */
  TSTP(20, 18),
  TTIN(21),
  TTOU(22),
  URG(23, 16),
  XCPU(24),
  XFSZ(25),
  VTALRM(26),
  PROF(27),
  /** The size of the terminal has changed. */
  WINCH(28),
  IO(29, 23),
  SYS(31, 12);

  private static final boolean BSD_NUMBERS =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).matches("mac.*|.*bsd.*|darwin.*");

  private final int onLinux;
  private final int onBsd;

  Signal(int number) {
    this(number, number);
  }

  Signal(int onLinux, int onBsd) {
    this.onLinux = onLinux;
    this.onBsd = onBsd;
  }

  /** The number that this system gives it. */
  public int number() {
    return BSD_NUMBERS ? onBsd : onLinux;
  }

  /**
   * The signal of a name, such as {@code "TERM"}, {@code "SIGTERM"} or {@code "sigterm"}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Signal of(String name) {
    Objects.requireNonNull(name, "name");
    String upper = name.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("SIG") ? upper.substring("SIG".length()) : upper;
    for (Signal signal : values()) {
      if (signal.name().equals(bare)) {
        return signal;
      }
    }
    throw new IllegalArgumentException(
        "name: there is no signal \"" + name + "\"; take one of " + Arrays.toString(values()));
  }

  /**
   * The signal of a number of this system.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Signal of(int number) {
    for (Signal signal : values()) {
      if (signal.number() == number) {
        return signal;
      }
    }
    throw new IllegalArgumentException(
        "number: there is no signal "
            + number
            + ", or it is a real-time signal; take one of "
            + Arrays.toString(values()));
  }

  /** The usual form of the name, such as {@code SIGTERM}. */
  @Override
  public String toString() {
    return "SIG" + name();
  }
}
