package asyncio.inspect;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one task waits for.
 *
 * @param kind what sort of thing
 * @param id the identity of the thing, in hexadecimal: two tasks that wait for the same lock show
 *     the same one. Of a task it is {@link TaskInfo#id}
 * @param text the thing in words, for example {@code Lock@1b2c3d} or {@code read from
 *     /127.0.0.1:8080}
 * @param holders the tasks that can end the wait: those that hold the lock or the permits, that are
 *     waited for, or that were the last to put into the queue; at most {@value #MAX_HOLDERS}
 * @param holderCount how many there are
 * @param allNeeded whether every holder has to act; otherwise one of them will do
 * @param complete whether nobody else can end the wait. False where any code may: for an event, a
 *     future, a queue
 * @param remaining for how long, if that is known: for a timer
 */
public record WaitInfo(
    WaitKind kind,
    String id,
    String text,
    List<TaskRef> holders,
    int holderCount,
    boolean allNeeded,
    boolean complete,
    @Nullable Duration remaining) {

  /** How many holders are listed. */
  public static final int MAX_HOLDERS = 100;

  public WaitInfo {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
    holders = List.copyOf(holders);
  }

  /** For example {@code Lock@1b2c3d, held by 'writer' (0x2f)}. */
  @Override
  public String toString() {
    return SnapshotText.wait(this);
  }
}
