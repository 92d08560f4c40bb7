package asyncio.sync;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A queue that returns the smallest item first; equal ones leave in the order in which they came
 * (spec ).
 *
 * @param <T> the type of the items
 */
public final class PriorityQueue<T> extends Queue<T> {

  /** Makes a queue without maximum size for items with a natural order. */
  public PriorityQueue() {
    this(0);
  }

  /**
   * Makes a queue for at most {@code maxsize} items with a natural order; 0 and negative numbers
   * mean any number. An item that is not {@link Comparable} makes {@code put} throw {@link
   * ClassCastException}.
   */
  @SuppressWarnings("unchecked")
  public PriorityQueue(int maxsize) {
    this(maxsize, (Comparator<? super T>) Comparator.naturalOrder());
  }

  /** Makes a queue for at most {@code maxsize} items that compares them with {@code order}. */
  public PriorityQueue(int maxsize, Comparator<? super T> order) {
    super(maxsize, new Heap<>(order));
  }

  /** A binary heap that makes all comparisons, which may throw, before it moves anything. */
  private static final class Heap<T> implements Storage<T> {
    private record Entry<T>(T item, long number) {}

    private final Comparator<? super T> order;
    private final List<Entry<T>> heap = new ArrayList<>();
    private long nextNumber;

    Heap(Comparator<? super T> order) {
      this.order = order;
    }

    @Override
    public void insert(T item) {
      Entry<T> entry = new Entry<>(item, nextNumber);
      int place = heap.size();
      if (place == 0) {
        order.compare(
            item,
            item); // an item that cannot be compared at all is refused now, not with the next one
      }
      // A newcomer has the highest number: it stays behind its equals.
      while (place > 0 && order.compare(item, heap.get(parent(place)).item()) < 0) {
        place = parent(place);
      }
      nextNumber++;
      heap.add(entry);
      for (int hole = heap.size() - 1; hole != place; hole = parent(hole)) {
        heap.set(hole, heap.get(parent(hole)));
      }
      heap.set(place, entry);
    }

    @Override
    public T remove() {
      Entry<T> carried = heap.getLast();
      int hole = holeFor(carried);
      heap.removeLast();
      // Everything is compared; now the entries on the way up to the root make room, and the root
      // falls out.
      for (; hole > 0; hole = parent(hole)) {
        carried = heap.set(hole, carried);
      }
      return heap.isEmpty() ? carried.item() : heap.set(0, carried).item();
    }

    /** Where {@code last}, the last entry, goes when it has to take the root's place and sink. */
    private int holeFor(Entry<T> last) {
      int size = heap.size() - 1;
      int hole = 0;
      for (int child = 1; child < size; child = 2 * hole + 1) {
        if (child + 1 < size && before(heap.get(child + 1), heap.get(child))) {
          child++;
        }
        if (!before(heap.get(child), last)) {
          break;
        }
        hole = child;
      }
      return hole;
    }

    @Override
    public void clear() {
      heap.clear();
    }

    private boolean before(Entry<T> a, Entry<T> b) {
      int compared = order.compare(a.item(), b.item());
      return compared < 0 || (compared == 0 && a.number() < b.number());
    }

    private static int parent(int place) {
      return (place - 1) >>> 1;
    }

    @Override
    public int size() {
      return heap.size();
    }

    @Override
    public String toString() {
      return heap.stream().map(Entry::item).toList().toString();
    }
  }
}
