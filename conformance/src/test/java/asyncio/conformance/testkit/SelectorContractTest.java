package asyncio.conformance.testkit;

import static asyncio.conformance.testkit.Channels.bytes;
import static asyncio.conformance.testkit.Channels.compare;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Selectors in memory do what those of the JDK do. */
class SelectorContractTest {
  private static final int READ = SelectionKey.OP_READ;
  private static final int WRITE = SelectionKey.OP_WRITE;

  @Test
  void selectedKeysStayUntilTheyAreTaken() throws Exception {
    compare(c -> {
      var ends = c.connected();
      Selector selector = c.selector;
      SelectionKey key = ends.server().register(selector, READ | WRITE);
      c.note("writable", selector::selectNow);
      c.note("selected", () -> selector.selectedKeys().contains(key));
      c.note("ready", key::readyOps);
      c.note("again", selector::selectNow);
      ends.client().write(bytes("x"));
      c.note("read is new", () -> selector.select(5000));
      c.note("both", key::readyOps);
      c.note("add", () -> selector.selectedKeys().add(key));
      c.note("remove", () -> selector.selectedKeys().remove(key));
      c.note("found again", selector::selectNow);
      selector.selectedKeys().clear();
      key.interestOps(0);
      c.note("no interest", selector::selectNow);
      c.note("old ready", key::readyOps);
      c.note("keys", () -> selector.keys().size());
      c.note("keys cannot be removed", () -> selector.keys().remove(key));
      key.interestOps(READ);
      selector.selectNow();
      key.cancel();
      c.note("cancelled", () -> selector.selectedKeys().size() + selector.keys().size());
      c.note("flush", selector::selectNow);
      c.note("gone", () -> selector.selectedKeys().size() + selector.keys().size());
    });
  }

  @Test
  void wakeUpIsRememberedAndTakenByTheNextSelect() throws Exception {
    compare(c -> {
      Selector selector = c.selector;
      selector.wakeup().wakeup();
      c.note("returns", selector::select);
      selector.wakeup();
      selector.selectNow();
      c.note("taken by selectNow", () -> selector.select(1));
      Thread.currentThread().interrupt();
      c.note("interrupted", selector::select);
      c.note("flag", Thread::interrupted);
      Thread waker = Thread.ofVirtual().start(selector::wakeup);
      c.note("from another thread", selector::select);
      waker.join();
    });
  }

  @Test
  void eventFromAnotherThreadEndsTheWait() throws Exception {
    compare(c -> {
      var ends = c.connected();
      ends.server().register(c.selector, READ);
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  ends.client().write(bytes("x"));
                } catch (java.io.IOException e) {
                  throw new AssertionError(e);
                }
              });
      c.note("selected", c.selector::select);
      writer.join();
    });
  }

  @Test
  void channelThatWasClosedInTheSameBatchIsSkipped() throws Exception {
    compare(c -> {
      var one = c.connected();
      var other = c.connected();
      one.server().register(c.selector, WRITE);
      other.server().register(c.selector, WRITE);
      int[] told = {0};
      c.note(
          "count",
          () ->
              c.selector.selectNow(key -> {
                told[0]++;
                try {
                  one.server().close();
                  other.server().close();
                } catch (java.io.IOException e) {
                  throw new AssertionError(e);
                }
              }));
      c.note("told", () -> told[0]);
      c.note("keys", () -> c.selector.keys().size());
      c.flush();
      c.note("keys", () -> c.selector.keys().size());
    });
  }

  @Test
  void consumerRunsInsideTheSelect() throws Exception {
    compare(c -> {
      var ends = c.connected();
      ends.server().register(c.selector, WRITE);
      c.note(
          "nested",
          () ->
              c.selector.selectNow(key -> {
                try {
                  c.selector.selectNow();
                } catch (java.io.IOException e) {
                  throw new AssertionError(e);
                }
              }));
      c.note(
          "exception",
          () ->
              c.selector.selectNow(key -> {
                throw new IllegalArgumentException("of the consumer");
              }));
      List<Integer> ready = new ArrayList<>();
      c.note("delivered again", () -> c.selector.selectNow(key -> ready.add(key.readyOps())));
      c.note("ready", () -> ready);
      c.note("selected set", () -> c.selector.selectedKeys().size());
      c.note("negative", () -> c.selector.select(_ -> {}, -1));
      c.note("null", () -> c.selector.selectNow(null));
    });
  }

  @Test
  void closedSelectorRefusesEverythingAndLetsGoOfItsChannels() throws Exception {
    compare(c -> {
      var ends = c.connected();
      SocketChannel client = ends.client();
      Selector selector = c.provider.openSelector();
      try {
        SelectionKey key = client.register(selector, READ);
        SelectionKey other = ends.server().register(selector, READ);
        ends.server().close();
        selector.close();
        c.note("valid", key::isValid);
        c.note("registered", client::isRegistered);
        c.note("other", other::isValid);
        c.note("select", selector::selectNow);
        c.note("keys", selector::keys);
        c.note("selected", selector::selectedKeys);
        c.note("register", () -> client.register(selector, READ));
        c.note("wake up", () -> selector.wakeup() == selector);
      } finally {
        selector.close();
      }
      c.note("closed for good", () -> c.awaitRead(client, 1));
      c.note("free", () -> client.configureBlocking(true) == client);
      client.configureBlocking(false);
    });
  }
}
