package asyncio;

/** Whether debug mode is on for new loops (DBG-1, DBG-2). */
final class DebugMode {
  static final String PROPERTY = "asyncio.debug";
  static final String VARIABLE = "ASYNCIO_DEBUG";
  static final String PYTHON_VARIABLE = "PYTHONASYNCIODEBUG";

  private DebugMode() {}

  /** The property decides if it is there, else either variable turns it on. */
  static boolean isOnByDefault() {
    String property = System.getProperty(PROPERTY);
    return isOn(property, System.getenv(VARIABLE))
        || isOn(property, System.getenv(PYTHON_VARIABLE));
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
