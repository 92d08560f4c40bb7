package asyncio;

/** Task factories that start tasks eagerly (EAGER-11 to EAGER-13). */
final class EagerTasks {
  static final TaskFactory FACTORY =
      factory((coroutine, loop, options) -> new Task<Object>(coroutine, loop, options));

  private EagerTasks() {}

  static TaskFactory factory(TaskConstructor constructor) {
    java.util.Objects.requireNonNull(constructor, "constructor");
    return (loop, coroutine, options) ->
        constructor.newTask(
            coroutine, loop, options.eagerStart() == null ? options.withEagerStart(true) : options);
  }
}
