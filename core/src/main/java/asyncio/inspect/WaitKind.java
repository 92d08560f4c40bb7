package asyncio.inspect;

import java.util.Locale;

/** What sort of thing a task waits for. */
public enum WaitKind {
  /** The end of another task. */
  TASK,
  /** Several tasks: a {@code gather}, the end of a task group, a {@code wait}, a race. */
  TASKS,
  /** A future that some code has to complete. */
  FUTURE,
  LOCK,
  EVENT,
  CONDITION,
  SEMAPHORE,
  BARRIER,
  /** An item of an empty queue. */
  QUEUE_GET,
  /** Room in a full queue. */
  QUEUE_PUT,
  /** The end of the work on all items of a queue. */
  QUEUE_JOIN,
  SOCKET_READ,
  SOCKET_WRITE,
  SOCKET_CONNECT,
  SOCKET_ACCEPT,
  /** Bytes of a stream. */
  STREAM_READ,
  /** Room in the buffer of a connection whose peer does not read. */
  STREAM_DRAIN,
  /** The end of a connection, or of a server. */
  STREAM_CLOSE,
  /** A moment: {@code sleep}. */
  TIMER,
  /** The start or the end of a subprocess. */
  PROCESS,
  /** A call in an executor, or something that another thread completes. */
  THREAD,
  /** A blocking call of the JDK, such as {@code Thread.sleep} or a {@code ReentrantLock}. */
  JDK_CALL;

  /** In words, for example {@code queue get}; it is what the text forms and JSON show. */
  @Override
  public String toString() {
    return this == JDK_CALL ? "JDK call" : name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
