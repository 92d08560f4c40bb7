package asyncio.testkit;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;

/** The frames of a stack that a user wrote. */
final class Frames {
  private static final int MAX_FRAMES = 8;
  private static final StackWalker WALKER = StackWalker.getInstance();
  private static final Set<String> LIBRARY_PACKAGES =
      Set.of(
          "asyncio",
          "asyncio.inspect",
          "asyncio.net",
          "asyncio.process",
          "asyncio.sync",
          "asyncio.testkit");
  private static final List<String> MACHINERY =
      List.of(
          "asyncio.internal.",
          "java.lang.VirtualThread",
          "java.lang.Thread",
          "java.lang.reflect.",
          "java.lang.invoke.",
          "java.nio.channels.",
          "java.util.",
          "jdk.internal.",
          "org.junit.");

  private Frames() {}

  /** The caller's frames, innermost first. */
  static List<StackTraceElement> capture() {
    return WALKER.walk(frames ->
        frames
            .map(StackFrame::toStackTraceElement)
            .filter(Frames::isOfUser)
            .limit(MAX_FRAMES)
            .toList());
  }

  /** Those of {@code frames}. */
  static List<StackTraceElement> ofUser(List<StackTraceElement> frames) {
    return frames.stream().filter(Frames::isOfUser).limit(MAX_FRAMES).toList();
  }

  private static boolean isOfUser(StackTraceElement frame) {
    String type = frame.getClassName();
    int dot = type.lastIndexOf('.');
    String packageName = dot < 0 ? "" : type.substring(0, dot);
    return !LIBRARY_PACKAGES.contains(packageName)
        && MACHINERY.stream().noneMatch(type::startsWith);
  }
}
