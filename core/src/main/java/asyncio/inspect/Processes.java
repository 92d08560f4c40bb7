package asyncio.inspect;

import asyncio.Engine;
import java.lang.module.ModuleDescriptor;
import java.util.Locale;

/** What a snapshot says about its process. */
final class Processes {

  private Processes() {}

  static ProcessInfo thisOne() {
    return new ProcessInfo(
        ProcessHandle.current().pid(),
        command(),
        System.getProperty("java.version", ""),
        library(),
        nameOf(Engine.preferred()));
  }

  static String nameOf(Engine engine) {
    return engine.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Without the arguments, among which there may be secrets. Of a program that is run from its
   * source, that file: the main class is the JDK's launcher then.
   */
  private static String command() {
    String[] words = System.getProperty("sun.java.command", "").split(" ", 3);
    return words.length > 1 && words[0].startsWith("jdk.compiler/") ? words[1] : words[0];
  }

  /** From the descriptor on the module path, from the manifest on the class path. */
  private static String library() {
    ModuleDescriptor module = Snapshot.class.getModule().getDescriptor();
    String version =
        module != null
            ? module.rawVersion().orElse(null)
            : Snapshot.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }
}
