package asyncio;

import asyncio.internal.loop.IoPoller;
import java.nio.channels.Channel;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A poller without a selector: a test says what is ready, and what is asked for is written down.
 */
final class ScriptedPoller implements IoPoller {
  private final List<String> calls;
  private final Map<Channel, Place> places = new IdentityHashMap<>();

  /**
   * @param calls takes {@code register}, {@code interest 1}, {@code release}
   */
  ScriptedPoller(List<String> calls) {
    this.calls = calls;
  }

  private final class Place implements Registration {
    final Channel channel;
    final Listener listener;
    int interest;
    int found;

    Place(Channel channel, Listener listener) {
      this.channel = channel;
      this.listener = listener;
    }

    @Override
    public Listener listener() {
      return listener;
    }

    @Override
    public void setInterest(int operations) {
      if (interest != operations) {
        interest = operations;
        calls.add("interest " + operations);
      }
    }

    @Override
    public void release() {
      calls.add("release");
      places.remove(channel);
    }
  }

  /** Has the next poll find the channel ready, for those of the operations that are asked for. */
  void ready(Channel channel, int operations) {
    places.get(channel).found = operations;
  }

  int interest(Channel channel) {
    return places.get(channel).interest;
  }

  void tellClosed(Channel channel) {
    places.remove(channel).listener.closedBehind();
  }

  @Override
  public Registration register(Channel channel, Listener listener) {
    calls.add("register");
    Place place = new Place(channel, listener);
    places.put(channel, place);
    return place;
  }

  @Override
  public @Nullable Registration find(Channel channel) {
    return places.get(channel);
  }

  @Override
  public void poll(long timeoutNanos) {
    for (Place place : List.copyOf(places.values())) {
      int operations = place.found & place.interest;
      place.found = 0;
      if (operations != 0) {
        place.listener.ready(operations);
      }
    }
  }

  @Override
  public void wakeUp() {}

  @Override
  public void flush() {}

  @Override
  public void close() {
    List.copyOf(places.values()).forEach(place -> place.listener.loopClosed());
  }
}
