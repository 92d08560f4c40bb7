package asyncio.conformance.net;

import static asyncio.Asyncio.getRunningLoop;

import asyncio.EventLoop;
import asyncio.Suspends;
import asyncio.net.StreamProtocol;
import asyncio.net.Transport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * One kind of stream connection, for the contracts that all kinds keep: a test class extends this,
 * says how connections of its kind are made, and implements the contracts.
 *
 * <p>The tests run on the loop that the class's {@code LoopTest} asks for. What they leave open is
 * aborted.
 */
abstract class Subject implements Contract {
  private final List<Transport> made = new ArrayList<>();

  @Override
  public final void connect(StreamProtocol near, StreamProtocol far) throws Exception {
    made.addAll(open(near, far));
  }

  /**
   * Makes a connection.
   *
   * @return its transports
   */
  @Suspends
  protected abstract List<Transport> open(StreamProtocol near, StreamProtocol far) throws Exception;

  /** Has a transport aborted after the test. */
  final void own(Transport transport) {
    made.add(transport);
  }

  @AfterEach
  void end(EventLoop loop) {
    loop.runUntilComplete(() -> {
      made.forEach(Transport::abort);
      Turns.until(() -> made.stream().allMatch(t -> t.getProtocol() == null));
    });
    made.clear();
  }

  static EventLoop loop() {
    return getRunningLoop();
  }
}
