package asyncio.conformance;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.map;
import static asyncio.Asyncio.seconds;
import static asyncio.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import asyncio.Asyncio;
import asyncio.CancelledError;
import asyncio.Engine;
import asyncio.ExceptionGroup;
import asyncio.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** A task for each item, so many at a time. */
class LimitedMapTest {

  @EachEngine
  void resultsAreInTheOrderOfTheItemsAndNeverMoreThanTheLimitRun(Engine engine) {
    OnLoop.run(
        engine,
        loop -> {
          int[] running = {0, 0};
          long start = loop.time();
          List<Integer> results =
              map(
                  List.of(4, 1, 3, 1, 1),
                  2,
                  item -> {
                    running[0]++;
                    running[1] = Math.max(running[1], running[0]);
                    sleep(seconds(item));
                    running[0]--;
                    return item * 10;
                  });
          assertThat(results).containsExactly(40, 10, 30, 10, 10);
          assertThat(running[1]).isEqualTo(2);
          assertThat(loop.time() - start).as("4+1 beside 1+3+1").isEqualTo(seconds(5).toNanos());
          assertThat(map(List.<String>of(), 1, item -> item)).isEmpty();
          assertThatThrownBy(() -> map(List.of(1), 0, item -> item))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("got 0");
        });
  }

  @EachEngine
  void itemsAreTakenWhenThereIsRoom(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          Iterator<Integer> source =
              IntStream.range(0, 4).peek(i -> trail.add("take " + i)).iterator();
          Iterable<Integer> items = () -> source;
          map(
              items,
              1,
              item -> {
                sleep(seconds(1));
                trail.add("end " + item);
                return item;
              });
          assertThat(trail)
              .containsExactly(
                  "take 0", "end 0", "take 1", "end 1", "take 2", "end 2", "take 3", "end 3");
        });
  }

  @EachEngine
  void firstFailureCancelsTheOthersAndStartsNoMore(Engine engine) {
    OnLoop.run(
        engine,
        () -> {
          List<String> trail = new ArrayList<>();
          int tasks = Asyncio.allTasks().size();
          assertThatThrownBy(() ->
                  map(
                      List.of(1, 2, 3, 4),
                      2,
                      item -> {
                        trail.add("start " + item);
                        sleep(seconds(item));
                        if (item == 1) {
                          throw new IOException("one");
                        }
                        trail.add("end " + item);
                        return item;
                      }))
              .isInstanceOfSatisfying(
                  ExceptionGroup.class,
                  group -> assertThat(group.find(IOException.class)).hasSize(1));
          assertThat(trail).containsExactly("start 1", "start 2");
          assertThat(Asyncio.allTasks()).hasSize(tasks);

          Task<?> outer =
              createTask(() -> map(List.of(50, 60, 70), 2, item -> sleep(seconds(item), item)));
          sleep(seconds(1));
          outer.cancel();
          assertThatThrownBy(() -> await(outer)).isInstanceOf(CancelledError.class);
          assertThat(Asyncio.allTasks()).hasSize(tasks);
        });
  }
}
