package asyncio.sync;

import java.util.ArrayDeque;

/**
 * A queue that returns the item put last first.
 *
 * @param <T> the type of the items
 */
public final class LifoQueue<T> extends Queue<T> {

  /** Makes a queue without maximum size. */
  public LifoQueue() {
    this(0);
  }

  /** Makes a queue for at most {@code maxsize} items; 0 and negative numbers mean any number. */
  public LifoQueue(int maxsize) {
    super(maxsize, new Stack<>());
  }

  private static final class Stack<T> implements Storage<T> {
    private final ArrayDeque<T> deque = new ArrayDeque<>();

    @Override
    public void insert(T item) {
      deque.addLast(item);
    }

    @Override
    public T remove() {
      return deque.removeLast();
    }

    @Override
    public int size() {
      return deque.size();
    }

    @Override
    public String toString() {
      return deque.toString();
    }
  }
}
