package asyncio.internal.epoll;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The search for channels that were closed by others. */
class ClosedSearchTest {
  private static final class Place extends ClosedSearch.Entry {
    final int number;
    boolean closed;

    Place(int number) {
      this.number = number;
    }
  }

  private final ClosedSearch<Place> search = new ClosedSearch<>(10, place -> place.closed);
  private final List<Place> places = new ArrayList<>();
  private final List<Integer> found = new ArrayList<>();

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      Place place = new Place(i);
      places.add(place);
      search.add(place);
    }
  }

  private void searchAndRemove() {
    search.search(place -> {
      found.add(place.number);
      search.remove(place);
    });
  }

  @Test
  void allAreLookedAtInTurn() {
    add(25);
    places.get(3).closed = true;
    places.get(14).closed = true;
    places.get(24).closed = true;
    searchAndRemove();
    assertThat(found).containsExactly(3);
    searchAndRemove();
    searchAndRemove();
    searchAndRemove();
    assertThat(found).containsExactlyInAnyOrder(3, 14, 24);
  }

  @Test
  void waitIsShortUntilAllWereLookedAt() {
    add(25);
    assertThat(search.limit(Long.MAX_VALUE, 0)).isEqualTo(10_000_000);
    assertThat(search.limit(5, 0)).isEqualTo(5);
    assertThat(search.limit(Long.MAX_VALUE, 1)).isEqualTo(10_000_000);
    assertThat(search.limit(Long.MAX_VALUE, 2)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void fewAreAllLookedAtSoTheWaitIsAsWanted() {
    add(10);
    assertThat(search.limit(Long.MAX_VALUE, 0)).isEqualTo(Long.MAX_VALUE);
    search.remove(places.get(0));
    search.remove(places.get(9));
    places.get(5).closed = true;
    searchAndRemove();
    searchAndRemove();
    assertThat(found).containsExactly(5);
  }
}
