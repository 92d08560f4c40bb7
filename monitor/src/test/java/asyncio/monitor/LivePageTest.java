package asyncio.monitor;

import static asyncio.Asyncio.createTask;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Asyncio;
import asyncio.RunOptions;
import asyncio.SelectorEventLoop;
import asyncio.TaskOptions;
import asyncio.sync.Event;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The page in a real browser, on a program that really runs. */
class LivePageTest {
  private final SelectorEventLoop loop = new SelectorEventLoop();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final Event closing = new Event();

  private void program() {
    Event never = new Event();
    createTask(() -> waitFor(never), TaskOptions.named("victim"))
        .addDoneCallback(task -> {
          if (task.isCancelled()) {
            cancelled.countDown();
          }
        });
    closing.await();
  }

  private void waitFor(Event never) {
    never.await();
  }

  private void standStill() {
    try {
      goOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void taskIsCancelledByAClickAndAStandStillIsSeenWhileItLasts() throws Exception {
    Thread running =
        Thread.ofPlatform()
            .start(
                () -> Asyncio.run(this::program, RunOptions.DEFAULT.withLoopFactory(() -> loop)));
    try (Browser browser = Browser.start();
        Monitor monitor =
            Monitor.start(MonitorOptions.DEFAULT.withInterval(Duration.ofMillis(100)))) {
      browser.open(monitor.address());
      String victim =
          "[...document.querySelectorAll('#tree tr')].find(row =>"
              + " row.querySelector('.label')?.textContent === 'victim')";
      browser.await(victim);
      assertThat(browser.text(victim + ".innerText"))
          .contains("waiting")
          .containsIgnoringCase("event");
      browser.get(victim + ".click()");
      browser.await("document.querySelector('#detail pre')");
      assertThat(browser.text("document.querySelector('#detail pre').innerText"))
          .contains("LivePageTest.waitFor(LivePageTest.java:");
      browser.click("#detail-cancel");
      browser.await("document.getElementById('confirm').open");
      browser.click("#confirm-yes");
      assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
      browser.await("!" + victim);

      loop.stallFinder().setLimit(Duration.ofMillis(50));
      loop.callSoonThreadsafe(this::standStill);
      browser.await("document.getElementById('alerts').innerText.includes('standStill')");
      browser.await(
          "[...document.querySelectorAll('#lag-chart .stall')].length === 1"
              + " && document.getElementById('stalls').textContent.includes('standStill')");
      goOn.countDown();
      browser.await("document.getElementById('alerts').childElementCount === 0");
      assertThat(browser.complaints()).isEmpty();
    } finally {
      goOn.countDown();
      loop.callSoonThreadsafe(closing::set);
      running.join();
    }
  }
}
