import static asyncio.Asyncio.*;

import asyncio.*;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import javax.swing.JFrame;
import javax.swing.JLabel;

/**
 * A window whose event thread runs tasks: they wait for web pages and write to the label, and the
 * window stays responsive. Without a screen it does the same with a label that nobody sees.
 */
class SwingWindow {
  int ticks;

  void main() throws Exception {
    HostedLoop loop = new HostedLoop(EventQueue::invokeLater);
    var ended = runCoroutineThreadsafe(this::showPages, loop);
    ended.get(); // the main thread has nothing to do with it
  }

  void showPages() {
    JLabel label = new JLabel("waiting");
    JFrame window = GraphicsEnvironment.isHeadless() ? null : new JFrame("Pages");
    if (window != null) {
      window.add(label);
      window.setSize(400, 100);
      window.setVisible(true);
    }
    Task<?> clock = createTask(this::tick);
    for (String url : LocalServer.urls()) {
      createTask(() -> {
        String page = await(AsyncHttpClient.shared().fetch(url)).text();
        getRunningLoop().callSoon(() -> show(page, label));
      });
    }
    while (allTasks().size() > 2) { // this one and the clock
      sleep(millis(10));
    }
    clock.cancel();
    System.out.println("events in between: " + (ticks > 5));
    if (window != null) {
      window.dispose();
    }
  }

  /** A task has a thread of its own; a callback runs on the event thread itself. */
  void show(String page, JLabel label) {
    label.setText(page);
    System.out.println(page + ", on the event thread: " + EventQueue.isDispatchThread());
  }

  /** What the user's clicks and the window's repainting would be. */
  void tick() {
    while (true) {
      EventQueue.invokeLater(() -> ticks++);
      sleep(millis(20));
    }
  }
}
