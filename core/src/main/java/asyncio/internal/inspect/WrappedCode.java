package asyncio.internal.inspect;

/** A coroutine of the library around code of the user, who wants to see that in its place. */
public interface WrappedCode {
  Object wrappedCode();
}
