package asyncio.internal.inspect;

import asyncio.EventLoop;
import asyncio.Future;
import asyncio.inspect.WaitKind;
import org.jspecify.annotations.Nullable;

/** A future of the library that says what its task waits for. */
public final class NamedWait<T extends @Nullable Object> extends Future<T> implements Waited {
  private final WaitKind kind;
  private final String verb;
  private final Object object;

  /**
   * @param verb what is waited for, in a word or two; the text of {@code object} comes behind it
   * @param object the thing, whose text form has to be safe on any thread
   */
  public NamedWait(EventLoop loop, WaitKind kind, String verb, Object object) {
    super(loop);
    this.kind = kind;
    this.verb = verb;
    this.object = object;
  }

  @Override
  public String waitKind() {
    return kind.toString();
  }

  @Override
  public WaitKind kindOfWait() {
    return kind;
  }

  @Override
  public Object waitedFor() {
    return object instanceof String ? this : object;
  }

  @Override
  public String describeWait() {
    return verb + " " + object;
  }

  @Override
  public String toString() {
    return "<wait: " + verb + " " + object + ">";
  }
}
