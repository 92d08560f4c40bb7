package asyncio;

/** Whether debug mode is on for new loops (DBG-1, DBG-2). */
final class DebugMode {
  static final String PROPERTY = "asyncio.debug";
  static final String VARIABLE = "PYTHONASYNCIODEBUG";

  private DebugMode() {}

  /** The property decides if it is there, else the variable. */
  static boolean isOnByDefault() {
    return isOn(System.getProperty(PROPERTY), System.getenv(VARIABLE));
  }

  static boolean isOn(
      @org.jspecify.annotations.Nullable String property,
      @org.jspecify.annotations.Nullable String variable) {
    if (property != null) {
      return property.isEmpty() || Boolean.parseBoolean(property);
    }
    return variable != null && !variable.isEmpty();
  }
}
