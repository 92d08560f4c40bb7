package asyncio.inspect;

import asyncio.Engine;
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

  /** Without the arguments, among which there may be secrets. */
  private static String command() {
    String all = System.getProperty("sun.java.command", "");
    int end = all.indexOf(' ');
    return end < 0 ? all : all.substring(0, end);
  }

  private static String library() {
    String version = Snapshot.class.getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }
}
