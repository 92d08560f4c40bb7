package asyncio.testkit;

import asyncio.Asyncio;
import asyncio.EventLoop;
import asyncio.Task;
import java.nio.channels.Channel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What there was on a loop at one moment, to find what is new later. */
final class Inventory {
  private final LoopHooks hooks;
  private final Set<Task<?>> tasks;
  private final Set<Channel> channels;
  private final Set<String> resources;
  private final long timer;

  Inventory(LoopHooks hooks) {
    this.hooks = hooks;
    this.tasks = new HashSet<>(Asyncio.allTasks(hooks.loop));
    this.channels = new HashSet<>(hooks.openChannels());
    this.resources = new HashSet<>(hooks.watch.openResources());
    this.timer = hooks.firstTimer();
  }

  /** What was not there before, a line each; empty if there is nothing. */
  String whatIsNew() {
    StringBuilder text = new StringBuilder();
    for (Task<?> task : Asyncio.allTasks(hooks.loop)) {
      if (!tasks.contains(task)) {
        text.append("\n");
        hooks.watch.describe(task, text);
      }
    }
    for (Channel channel : hooks.openChannels()) {
      if (!channels.contains(channel)) {
        text.append("\n  ").append(channel);
      }
    }
    List<String> open = hooks.watch.openResources();
    for (String resource : open) {
      if (!resources.contains(resource)) {
        text.append("\n  ").append(resource);
      }
    }
    long now = hooks.firstTimer();
    if (now != timer && now != EventLoop.NEVER) {
      text.append("\n  a timer, ").append((now - hooks.loop.time()) / 1e9).append(" s from now");
    }
    return text.toString();
  }
}
