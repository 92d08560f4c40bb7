package asyncio.net;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a {@link GracefulShutdown} went.
 *
 * @param reason what began it: the name of a signal, or what the code said
 * @param last the phase in which the last work ended, or the last one there is
 * @param took from its beginning to its end
 * @param cancelled the tasks that had to be cancelled, also if they have ended since
 * @param left the tasks that have not ended at all
 */
public record ShutdownReport(
    String reason, Phase last, Duration took, List<TaskEntry> cancelled, List<TaskEntry> left) {

  /** The phases, in their order. */
  public enum Phase {
    /** The servers stop accepting connections. */
    STOP_ACCEPTING,
    /** Running work may end by itself. */
    DRAIN,
    /** The connections were closed in good order. */
    GRACE,
    /** The tasks were cancelled. */
    CANCEL,
    /** The connections were aborted, and the tasks cancelled once more. */
    ABORT
  }

  /**
   * A task that did not end by itself.
   *
   * @param name of the task
   * @param createdAt where it was created: the first place outside the library
   * @param waitsAt where it waited when it had to be cancelled; empty if it had not begun
   */
  public record TaskEntry(String name, String createdAt, String waitsAt) {}

  /** Whether everything has ended by itself, before anything had to be cancelled. */
  public boolean isClean() {
    return cancelled.isEmpty() && left.isEmpty();
  }

  /** A few lines for a log. */
  @Override
  public String toString() {
    return "shutdown ("
        + reason
        + ") ended in phase "
        + last
        + " after "
        + took.toMillis()
        + " ms; cancelled: "
        + cancelled.size()
        + ", left: "
        + left.size()
        + lines("\n  cancelled ", cancelled)
        + lines("\n  left ", left);
  }

  private static String lines(String head, List<TaskEntry> entries) {
    return entries.stream()
        .map(entry ->
            head
                + entry.name()
                + ", created at "
                + entry.createdAt()
                + (entry.waitsAt().isEmpty() ? "" : ", waiting at " + entry.waitsAt()))
        .collect(Collectors.joining());
  }
}
