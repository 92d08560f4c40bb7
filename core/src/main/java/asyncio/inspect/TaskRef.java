package asyncio.inspect;

import java.util.Objects;

/**
 * Names a task.
 *
 * @param id its identity in the process, see {@link TaskInfo#id}
 * @param name its name
 */
public record TaskRef(String id, String name) {
  public TaskRef {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
  }

  /** For example {@code 'worker-3' (0x2f)}. */
  @Override
  public String toString() {
    return "'" + name + "' (" + id + ")";
  }
}
