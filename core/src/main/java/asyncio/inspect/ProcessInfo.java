package asyncio.inspect;

import java.util.Objects;

/**
 * The process that a snapshot was taken of.
 *
 * @param pid its number
 * @param command the main class, or the jar, without the arguments; empty if the JVM does not tell
 * @param jdk the version of the JDK
 * @param library the version of this library
 * @param engine the engine that loops get here unless they ask for another: {@code direct} or
 *     {@code portable}
 */
public record ProcessInfo(long pid, String command, String jdk, String library, String engine) {
  public ProcessInfo {
    Objects.requireNonNull(command, "command");
    Objects.requireNonNull(jdk, "jdk");
    Objects.requireNonNull(library, "library");
    Objects.requireNonNull(engine, "engine");
  }
}
