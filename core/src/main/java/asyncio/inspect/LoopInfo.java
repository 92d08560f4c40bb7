package asyncio.inspect;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event loop.
 *
 * @param id its identity: hexadecimal with prefix, counted from 0x1 in the order of creation
 * @param type its class, without the package
 * @param engine {@code direct} or {@code portable}
 * @param thread the name of the thread that runs it; null while none does
 * @param threadId the number of that thread; 0 while none runs the loop
 * @param running whether it runs
 * @param closed whether it was closed
 * @param debug whether it is in debug mode
 * @param tasks how many unfinished tasks it has
 */
public record LoopInfo(
    String id,
    String type,
    String engine,
    @Nullable String thread,
    long threadId,
    boolean running,
    boolean closed,
    boolean debug,
    int tasks) {

  public LoopInfo {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(engine, "engine");
  }
}
