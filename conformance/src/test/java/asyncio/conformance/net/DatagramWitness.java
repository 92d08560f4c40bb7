package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.getRunningLoop;

import asyncio.Action;
import asyncio.Future;
import asyncio.Suspends;
import asyncio.net.DatagramProtocol;
import asyncio.net.DatagramTransport;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A datagram protocol that writes down what it is told, and does what a test says then.
 *
 * <p>The trail has "made", "got TEXT", "error TYPE", "pause", "resume", and "lost" or "lost TYPE".
 */
final class DatagramWitness implements DatagramProtocol {
  /** What the protocol was told, in order. */
  final List<String> trail = new ArrayList<>();

  /** Who has sent the datagrams, in order. */
  final List<SocketAddress> senders = new ArrayList<>();

  /** What the protocol was told of as errors, and in the end. */
  final List<@Nullable Throwable> thrown = new ArrayList<>();

  /** What is to be done within a call, by the first word of its entry. */
  private final Map<String, Action> reactions = new HashMap<>();

  private final List<Future<@Nullable Void>> watchers = new ArrayList<>();
  private @Nullable DatagramTransport transport;

  DatagramTransport transport() {
    DatagramTransport made = transport;
    if (made == null) {
      throw new AssertionError("the endpoint was not made: " + trail);
    }
    return made;
  }

  /** Has {@code reaction} run whenever the protocol is told {@code word}. */
  void on(String word, Action reaction) {
    reactions.put(word, reaction);
  }

  /** Those entries of the trail that tell of datagrams. */
  List<String> received() {
    return trail.stream()
        .filter(each -> each.startsWith("got "))
        .map(each -> each.substring(4))
        .toList();
  }

  @Suspends
  void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Future<@Nullable Void> watcher = getRunningLoop().createFuture();
      watchers.add(watcher);
      await(watcher);
    }
  }

  @Suspends
  void untilReceived(int count) {
    until(() -> received().size() >= count);
  }

  @Suspends
  void untilLost() {
    until(() -> trail.getLast().startsWith("lost"));
  }

  private void told(String entry) throws Exception {
    trail.add(entry);
    try {
      Action reaction = reactions.get(entry.split(" ", 2)[0]);
      if (reaction != null) {
        reaction.run();
      }
    } finally {
      List<Future<@Nullable Void>> woken = List.copyOf(watchers);
      watchers.clear();
      for (Future<@Nullable Void> watcher : woken) {
        if (!watcher.isDone()) {
          watcher.setResult(null);
        }
      }
    }
  }

  @Override
  public void connectionMade(DatagramTransport made) throws Exception {
    transport = made;
    told("made");
  }

  @Override
  public void datagramReceived(ByteBuffer data, SocketAddress address) throws Exception {
    senders.add(address);
    told("got " + StandardCharsets.UTF_8.decode(data));
  }

  @Override
  public void errorReceived(IOException exception) throws Exception {
    thrown.add(exception);
    told("error " + exception.getClass().getSimpleName());
  }

  @Override
  public void pauseWriting() throws Exception {
    told("pause");
  }

  @Override
  public void resumeWriting() throws Exception {
    told("resume");
  }

  @Override
  public void connectionLost(@Nullable Throwable exception) throws Exception {
    thrown.add(exception);
    told("lost" + (exception == null ? "" : " " + exception.getClass().getSimpleName()));
  }
}
