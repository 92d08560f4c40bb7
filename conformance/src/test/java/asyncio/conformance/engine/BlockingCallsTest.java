package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.Engine;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.conformance.Spec;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * On the direct engine a blocking JDK call suspends its task only; on the portable one it blocks
 * the loop.
 */
class BlockingCallsTest {
  private final List<String> trail = new ArrayList<>();

  /** A call that blocks until somebody else does something, and what that is. */
  record Rendezvous(Action blocks, Action releases) {}

  static Stream<Named<Rendezvous>> calls() throws Exception {
    LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
    CompletableFuture<String> future = new CompletableFuture<>();
    CompletableFuture<String> joined = new CompletableFuture<>();
    Semaphore semaphore = new Semaphore(0);
    CountDownLatch latch = new CountDownLatch(1);
    Object monitor = new Object();
    CyclicBarrier barrier = new CyclicBarrier(2);
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
    Socket accepted = server.accept();
    ServerSocket accepting = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    return Stream.of(
        Named.of("BlockingQueue.take", new Rendezvous(queue::take, () -> queue.put("x"))),
        Named.of("CompletableFuture.get", new Rendezvous(future::get, () -> future.complete("x"))),
        Named.of(
            "CompletableFuture.join", new Rendezvous(joined::join, () -> joined.complete("x"))),
        Named.of("Semaphore.acquire", new Rendezvous(semaphore::acquire, semaphore::release)),
        Named.of("CountDownLatch.await", new Rendezvous(latch::await, latch::countDown)),
        Named.of("CyclicBarrier.await", new Rendezvous(barrier::await, barrier::await)),
        Named.of(
            "Object.wait",
            new Rendezvous(
                () -> {
                  synchronized (monitor) {
                    monitor.wait();
                  }
                },
                () -> {
                  synchronized (monitor) {
                    monitor.notifyAll();
                  }
                })),
        Named.of(
            "Socket read",
            new Rendezvous(
                () -> client.getInputStream().read(), () -> accepted.getOutputStream().write(1))),
        Named.of(
            "ServerSocket.accept",
            new Rendezvous(
                () -> accepting.accept().close(),
                () -> new Socket(accepting.getInetAddress(), accepting.getLocalPort()).close())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  @Spec("HER-62")
  void aBlockingCallSuspendsItsTaskOnly(Rendezvous call) throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          createTask(() -> {
            trail.add("blocks");
            call.blocks().run();
            trail.add("goes on");
          });
      sleep(millis(0));
      trail.add("another task runs");
      getRunningLoop().callSoon(() -> trail.add("a callback runs"));
      sleep(millis(1));
      call.releases().run();
      await(blocked);
    });

    assertThat(trail).containsExactly("blocks", "another task runs", "a callback runs", "goes on");
  }

  @Test
  @Spec("HER-62")
  void aLockHeldByAnotherTaskSuspends() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    Object monitor = new Object();
    Loops.runDirect(() -> {
      Future<Void> gate = getRunningLoop().createFuture();
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(
          createTask(() -> {
            lock.lock();
            synchronized (monitor) {
              trail.add("first has both");
              gate.await(); // in the library, with locks held
              trail.add("first releases");
            }
            lock.unlock();
          }));
      tasks.add(
          createTask(() -> {
            lock.lock();
            trail.add("second has the lock");
            lock.unlock();
          }));
      tasks.add(
          createTask(() -> {
            synchronized (monitor) {
              trail.add("third has the monitor");
            }
          }));
      sleep(millis(1));
      trail.add("opens");
      gate.setResult(null);
      for (Task<?> task : tasks) {
        await(task);
      }
    });

    assertThat(trail.subList(0, 3)).containsExactly("first has both", "opens", "first releases");
    assertThat(trail.subList(3, 5))
        .containsExactlyInAnyOrder("second has the lock", "third has the monitor");
  }

  /** All twenty have gone to sleep before the first one wakes up. */
  @Test
  @Spec("HER-61")
  void twentySleepsTakeTheTimeOfOne() throws Exception {
    Loops.runDirect(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        tasks.add(
            createTask(() -> {
              trail.add("asleep");
              Thread.sleep(100);
              trail.add("awake");
            }));
      }
      for (Task<?> task : tasks) {
        await(task);
      }
    });

    assertThat(trail.subList(0, 20)).containsOnly("asleep");
    assertThat(trail.subList(20, 40)).containsOnly("awake");
  }

  @Test
  void onThePortableEngineABlockingCallBlocksTheLoop() throws Exception {
    Loops.run(
        Engine.PORTABLE,
        () -> {
          CountDownLatch latch = new CountDownLatch(1);
          Task<?> blocked =
              createTask(() -> {
                trail.add("blocks");
                Thread.ofPlatform().start(latch::countDown);
                latch.await();
                trail.add("goes on");
              });
          createTask(() -> trail.add("another task"));
          await(blocked);
          sleep(millis(0));
        });

    assertThat(trail).containsExactly("blocks", "goes on", "another task");
  }

  @Test
  @Spec("HER-62")
  void requestsOfTheHttpClientRunAtTheSameTime() throws Exception {
    CyclicBarrier allThree = new CyclicBarrier(3); // no response before the third request is there
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    try (var threads = java.util.concurrent.Executors.newCachedThreadPool();
        HttpClient client = HttpClient.newHttpClient()) {
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            try {
              allThree.await();
            } catch (Exception e) {
              throw new java.io.IOException(e);
            }
            byte[] body =
                exchange
                    .getRequestURI()
                    .getPath()
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
      Loops.runDirect(() -> {
        List<Task<String>> pages = new ArrayList<>();
        for (String path : List.of("/a", "/b", "/c")) {
          URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + path);
          pages.add(
              createTask(() ->
                  client
                      .send(
                          HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                      .body()));
        }
        for (Task<String> page : pages) {
          trail.add(await(page));
        }
      });
      server.stop(0);
    }

    assertThat(trail).containsExactly("/a", "/b", "/c");
  }

  @Test
  void threadLocalsStayWithTheirTaskOverBlockingCalls() throws Exception {
    ThreadLocal<String> local = new ThreadLocal<>();
    Loops.runDirect(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      CountDownLatch latch = new CountDownLatch(1);
      for (String name : List.of("a", "b")) {
        tasks.add(
            createTask(() -> {
              local.set(name);
              latch.await();
              trail.add(name + local.get());
            }));
      }
      sleep(millis(0));
      trail.add("" + local.get());
      latch.countDown();
      for (Task<?> task : tasks) {
        await(task);
      }
    });

    assertThat(trail).containsExactlyInAnyOrder("null", "aa", "bb").startsWith("null");
  }

  @Test
  void noSuspendReportsASwitchInsideTheJdk() throws Exception {
    Loops.runDirect(() -> {
      EventLoop loop = getRunningLoop();
      Throwable thrown =
          Loops.thrownBy(() ->
              noSuspend(() -> {
                loop.callSoon(() -> trail.add("other code ran"));
                Thread.sleep(1);
              }));
      trail.add(thrown.getClass().getSimpleName() + ": " + thrown.getMessage());
      assertThat(thrown.getStackTrace()).anyMatch(frame -> frame.getMethodName().contains("sleep"));
    });

    assertThat(trail).hasSize(2).startsWith("other code ran");
    assertThat(trail.getLast())
        .startsWith("IllegalStateException: other tasks ran inside noSuspend");
  }
}
