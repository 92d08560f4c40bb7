package asyncio.conformance.engine;

import static asyncio.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Action;
import asyncio.CancelledError;
import asyncio.Future;
import asyncio.Task;
import asyncio.TimeoutException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cancelling a task that is blocked inside a JDK call: an interrupt, which the library turns into
 * the cancellation.
 */
class Rule05InterruptTest {
  private final List<String> trail = new ArrayList<>();

  // ---- which calls

  static Stream<Named<Action>> callsThatAnInterruptEnds() {
    return Stream.of(
        Named.of("Thread.sleep", () -> Thread.sleep(60_000)),
        Named.of("BlockingQueue.take", () -> new LinkedBlockingQueue<>().take()),
        Named.of("CountDownLatch.await", () -> new CountDownLatch(1).await()),
        Named.of("Semaphore.acquire", () -> new Semaphore(0).acquire()),
        Named.of("CompletableFuture.get", () -> new CompletableFuture<>().get()),
        Named.of("Object.wait", Rule05InterruptTest::waitForNotify),
        Named.of("Thread.join", () -> Thread.startVirtualThread(LockSupport::park).join()),
        Named.of("lockInterruptibly", Rule05InterruptTest::lockInterruptiblyWhatAnotherThreadHolds),
        Named.of("Process.waitFor", Rule05InterruptTest::waitForProcess),
        Named.of("Socket read", Rule05InterruptTest::readFromSocket),
        Named.of("SocketChannel read", Rule05InterruptTest::readFromChannel),
        Named.of("ServerSocket.accept", Rule05InterruptTest::accept));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("callsThatAnInterruptEnds")
  void theCallEndsAndTheTaskIsCancelled(Action call) throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked = blocking(call);
      awaitBlocked(blocked);
      assertThat(blocked.cancel("enough")).isTrue();

      CancelledError error = (CancelledError) Loops.thrownBy(() -> await(blocked));

      assertThat(error.reason()).isEqualTo("enough");
      assertThat(error.getCause()).isNotNull();
      assertThat(blocked.isCancelled()).isTrue();
    });
  }

  @Test
  void aFileLockIsGivenUpToo(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("locked");
    var holder =
        ForkedJvm.of(HoldsFileLock.class)
            .withArguments(file.toString())
            .start()
            .awaitOutput("locked");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      // A lock that another process holds blocks its carrier, and with it the loop: so it is not
      // for tasks. A thread
      // that waits for one on the task's behalf passes its failure on, which is translated.
      Loops.runDirect(() -> {
        CompletableFuture<Object> locking = new CompletableFuture<>();
        Thread locker =
            Thread.ofPlatform()
                .daemon()
                .start(() -> {
                  try {
                    locking.complete(channel.lock());
                  } catch (Exception e) {
                    locking.completeExceptionally(e);
                  }
                });
        Task<?> blocked =
            blocking(() -> {
              try {
                locking.get();
              } catch (InterruptedException e) {
                locker.interrupt();
                locking.get(); // fails with FileLockInterruptionException as its cause
              }
            });
        awaitBlocked(blocked);
        blocked.cancel();
        Throwable error = Loops.thrownBy(() -> await(blocked));
        assertThat(error).isInstanceOf(CancelledError.class);
        assertThat(error)
            .hasRootCauseInstanceOf(java.nio.channels.FileLockInterruptionException.class);
      });
    } finally {
      holder.terminate();
    }
  }

  static final class HoldsFileLock {
    public static void main(String[] args) throws Exception {
      try (var file = new RandomAccessFile(args[0], "rw");
          var lock = file.getChannel().lock()) {
        System.out.println("locked " + lock.isValid());
        Thread.sleep(60_000);
      }
    }
  }

  // ---- calls that cannot be ended

  static Stream<Named<Action>> callsThatNothingEnds() {
    return Stream.of(
        Named.of("Lock.lock", () -> heldLock.lock()),
        Named.of(
            "synchronized",
            () -> {
              synchronized (heldMonitor) {
                heldMonitor.notifyAll();
              }
            }),
        Named.of("CompletableFuture.join", () -> released.join()),
        Named.of("acquireUninterruptibly", () -> heldSemaphore.acquireUninterruptibly()));
  }

  private static ReentrantLock heldLock = new ReentrantLock();
  private static final Object heldMonitor = new Object();
  private static CompletableFuture<Void> released = new CompletableFuture<>();
  private static Semaphore heldSemaphore = new Semaphore(0);

  @ParameterizedTest(name = "{0}")
  @MethodSource("callsThatNothingEnds")
  void theRequestWaitsForTheNextSuspension(Action call) throws Exception {
    released = new CompletableFuture<>();
    heldSemaphore = new Semaphore(0);
    heldLock = new ReentrantLock();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .start(() -> {
              heldLock.lock();
              synchronized (heldMonitor) {
                held.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              }
              heldLock.unlock();
              released.complete(null);
              heldSemaphore.release();
            });
    held.await();
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            call.run();
            trail.add("call returned, interrupted: " + Thread.currentThread().isInterrupted());
            try {
              sleep(millis(0));
            } finally {
              trail.add("next suspension");
            }
          });
      awaitBlocked(blocked);
      blocked.cancel();
      for (int i = 0; i < 10; i++) {
        sleep(millis(0));
      }
      trail.add("still blocked: " + !blocked.isDone());
      release.countDown();
      assertThat(Loops.thrownBy(() -> await(blocked)))
          .isInstanceOf(CancelledError.class)
          .hasNoCause();
    });
    holder.join();

    assertThat(trail)
        .containsExactly(
            "still blocked: true", "call returned, interrupted: false", "next suspension");
  }

  @Test
  void theRequestEndsTheNextBlockingCallThatCanBeEnded() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread.ofPlatform()
        .start(() -> {
          lock.lock();
          held.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          lock.unlock();
        });
    held.await();
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            lock.lock();
            new LinkedBlockingQueue<>().take();
          });
      awaitBlocked(blocked);
      blocked.cancel("why");
      release.countDown();
      CancelledError error = (CancelledError) Loops.thrownBy(() -> await(blocked));
      assertThat(error.reason()).isEqualTo("why");
      assertThat(error).hasCauseInstanceOf(InterruptedException.class);
    });
  }

  @Test
  void aTaskThatCancelsItselfGetsItInItsNextBlockingCall() throws Exception {
    Loops.runDirect(() -> {
      Task<?> self =
          createTask(() -> {
            currentTask().cancel();
            Thread.sleep(60_000);
          });
      assertThat(Loops.thrownBy(() -> await(self))).isInstanceOf(CancelledError.class);
    });
  }

  // ---- boundaries

  /** Somewhere inside, the exception may be wrapped and thrown on. */
  private static void takeWrapped() {
    try {
      new LinkedBlockingQueue<>().take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("wrapped", e);
    }
  }

  static Stream<Named<Action>> boundaries() {
    return Stream.of(
        Named.of("await(coroutine)", () -> await(coroutine(() -> takeWrapped()))),
        Named.of("timeout", () -> timeout(seconds(1000), () -> takeWrapped())),
        Named.of(
            "taskGroup",
            () ->
                taskGroup(_ -> {
                  takeWrapped();
                })),
        Named.of("waitFor", () -> waitFor(() -> takeWrapped(), seconds(1000))),
        Named.of(
            "shield",
            () ->
                await(
                    shield(() -> {
                      shielded = noted();
                      takeWrapped();
                    }))));
  }

  private static Task<?> shielded;

  @ParameterizedTest(name = "{0}")
  @MethodSource("boundaries")
  void aBoundaryPassesOnTheCancellationAndClearsTheFlag(Action boundary) throws Exception {
    shielded = null;
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            try {
              boundary.run();
            } catch (CancelledError e) {
              trail.add("" + e.reason());
              trail.add("flag: " + Thread.currentThread().isInterrupted());
              sleep(millis(0)); // the request is done with
              trail.add("suspended");
            }
          });
      for (int i = 0; i < 5; i++) {
        sleep(millis(0));
      }
      Task<?> reached = shielded != null ? shielded : blocked;
      awaitBlocked(reached);
      reached.cancel("why");
      await(blocked);
    });

    assertThat(trail.subList(1, 3)).containsExactly("flag: false", "suspended");
    assertThat(trail.getFirst()).isEqualTo(shielded == null ? "why" : "null");
  }

  @Test
  void theEndOfTheCoroutineIsABoundary() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked = blocking(() -> takeWrapped());
      awaitBlocked(blocked);
      blocked.cancel("why");
      CancelledError error = (CancelledError) Loops.thrownBy(() -> await(blocked));
      assertThat(error.reason()).isEqualTo("why");
      assertThat(error.getCause())
          .hasMessage("wrapped")
          .hasCauseInstanceOf(InterruptedException.class);
    });
  }

  @Test
  void anExceptionThatDoesNotComeFromTheInterruptStaysWhatItIs() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            try {
              Thread.sleep(60_000);
            } catch (InterruptedException e) {
              throw new IllegalArgumentException("something else");
            }
          });
      awaitBlocked(blocked);
      blocked.cancel();
      assertThat(Loops.thrownBy(() -> await(blocked))).isInstanceOf(IllegalArgumentException.class);
    });
  }

  @Test
  void anInterruptedExceptionWithoutARequestIsAnOrdinaryOne() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            throw new InterruptedException("made up");
          });
      Throwable thrown = Loops.thrownBy(() -> await(blocked));
      assertThat(thrown).isNotInstanceOf(CancelledError.class).hasRootCauseMessage("made up");
      assertThat(blocked.isCancelled()).isFalse();
    });
  }

  @Test
  void aForeignInterruptOfABlockedTaskIsAnOrdinaryException() throws Exception {
    Loops.runDirect(() -> {
      Thread[] thread = {null};
      Task<?> blocked =
          blocking(() -> {
            thread[0] = Thread.currentThread();
            new LinkedBlockingQueue<>().take();
          });
      awaitBlocked(blocked);
      thread[0].interrupt();
      assertThat(Loops.thrownBy(() -> await(blocked)))
          .hasRootCauseInstanceOf(InterruptedException.class);
      assertThat(blocked.isCancelled()).isFalse();
    });
  }

  @Test
  void twoRequestsBeforeTheTaskRunsAreOneCancellation() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            try {
              await(coroutine(() -> takeWrapped()));
            } catch (CancelledError e) {
              trail.add("" + e.reason());
              sleep(millis(0));
              trail.add("not cancelled again");
            }
          });
      awaitBlocked(blocked);
      blocked.cancel("first");
      blocked.cancel("second");
      await(blocked);
    });

    assertThat(trail).containsExactly("second", "not cancelled again");
  }

  @Test
  void aTaskWhoseCallHasEndedAlreadyIsNotInterrupted() throws Exception {
    Loops.runDirect(() -> {
      LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
      Task<?> blocked =
          blocking(() -> {
            trail.add(
                "took "
                    + queue.take()
                    + ", interrupted: "
                    + Thread.currentThread().isInterrupted());
            sleep(millis(0));
            trail.add("never");
          });
      awaitBlocked(blocked);
      queue.add("x"); // its continuation is queued now
      blocked.cancel();
      assertThat(Loops.thrownBy(() -> await(blocked)))
          .isInstanceOf(CancelledError.class)
          .hasNoCause();
    });

    assertThat(trail).containsExactly("took x, interrupted: false");
  }

  @Test
  void aRunningTaskIsNotInterrupted() throws Exception {
    Loops.runDirect(() -> {
      Task<?> self =
          createTask(() -> {
            currentTask().cancel();
            trail.add("interrupted: " + Thread.currentThread().isInterrupted());
            sleep(millis(0));
          });
      assertThat(Loops.thrownBy(() -> await(self))).isInstanceOf(CancelledError.class);
    });

    assertThat(trail).containsExactly("interrupted: false");
  }

  @Test
  void aTimeoutEndsABlockingCall() throws Exception {
    Loops.runDirect(() -> {
      assertThat(Loops.thrownBy(() -> timeout(millis(5), () -> Thread.sleep(60_000))))
          .isInstanceOf(TimeoutException.class);
      Thread.sleep(1); // neither flag nor request is left
      sleep(millis(0));
    });
  }

  @Test
  void uncancelTakesBackADeliveryThatTheTaskHasKeptInItsFlag() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            try {
              new LinkedBlockingQueue<>().take();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            currentTask().uncancel();
            trail.add("flag: " + Thread.currentThread().isInterrupted());
            Thread.sleep(1);
            sleep(millis(0));
            trail.add("went on");
          });
      awaitBlocked(blocked);
      blocked.cancel();
      await(blocked);
    });

    assertThat(trail).containsExactly("flag: false", "went on");
  }

  // ---- the flag at suspensions

  @Test
  void aFlagRestoredAfterTheDeliveryIsDroppedSoThatCleanUpCanSuspend() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            try {
              takeWrapped();
            } finally {
              sleep(millis(0));
              trail.add("cleaned up");
            }
          });
      awaitBlocked(blocked);
      blocked.cancel();
      assertThat(Loops.thrownBy(() -> await(blocked))).isInstanceOf(CancelledError.class);
    });

    assertThat(trail).containsExactly("cleaned up");
  }

  @Test
  void aSocketClosedByTheInterruptIsRecognisedAfterCleanUpThatSuspended() throws Exception {
    Loops.runDirect(() -> {
      Task<?> blocked =
          blocking(() -> {
            try {
              readFromSocket();
            } finally {
              sleep(millis(0));
            }
          });
      awaitBlocked(blocked);
      blocked.cancel();
      assertThat(Loops.thrownBy(() -> await(blocked))).isInstanceOf(CancelledError.class);
    });
  }

  @Test
  void aForeignInterruptOfASuspendedTaskCancelsIt() throws Exception {
    Loops.runDirect(() -> {
      Thread[] thread = {null};
      Future<Void> future = getRunningLoop().createFuture();
      Task<?> waiting =
          createTask(() -> {
            thread[0] = Thread.currentThread();
            try {
              future.await();
            } finally {
              trail.add("flag: " + Thread.currentThread().isInterrupted());
            }
          });
      sleep(millis(0));
      thread[0].interrupt();
      assertThat(Loops.thrownBy(() -> await(waiting))).isInstanceOf(CancelledError.class);
      assertThat(waiting.cancelling()).isEqualTo(1);
      assertThat(future.isCancelled()).isTrue();
    });

    assertThat(trail).containsExactly("flag: false");
  }

  @Test
  void aForeignInterruptOfARunningTaskCancelsItAtItsNextSuspension() throws Exception {
    Loops.runDirect(() -> {
      Task<?> running =
          createTask(() -> {
            Thread.currentThread().interrupt();
            trail.add("goes on");
            try {
              sleep(seconds(1000));
            } finally {
              trail.add("flag: " + Thread.currentThread().isInterrupted());
            }
          });
      assertThat(Loops.thrownBy(() -> await(running))).isInstanceOf(CancelledError.class);
    });

    assertThat(trail).containsExactly("goes on", "flag: false");
  }

  // ---- helpers

  private static final Map<Task<?>, Thread> threads = new ConcurrentHashMap<>();

  private static Task<?> blocking(Action action) {
    return createTask(() -> {
      noted();
      action.run();
    });
  }

  private static Task<?> noted() {
    Task<?> task = currentTask();
    threads.put(task, Thread.currentThread());
    return task;
  }

  /** Lets the loop run until the task's thread is off it, inside a JDK call. */
  private static void awaitBlocked(Task<?> task) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!isBlocked(threads.get(task))) {
      assertThat(System.nanoTime()).as("time limit").isLessThan(deadline);
      sleep(millis(1));
    }
  }

  private static boolean isBlocked(Thread thread) {
    return thread != null
        && thread.getState() != Thread.State.RUNNABLE
        && Stream.of(thread.getStackTrace())
            .noneMatch(frame -> frame.getMethodName().equals("suspend"));
  }

  private static void waitForNotify() throws InterruptedException {
    Object monitor = new Object();
    synchronized (monitor) {
      monitor.wait();
    }
  }

  private static void lockInterruptiblyWhatAnotherThreadHolds() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    CountDownLatch held = new CountDownLatch(1);
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          lock.lock();
          held.countDown();
        });
    held.await();
    lock.lockInterruptibly();
  }

  private static void waitForProcess() throws Exception {
    Process process = new ProcessBuilder("sleep", "60").start();
    try {
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }

  private static void readFromSocket() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      client.getInputStream().read();
    }
  }

  private static void readFromChannel() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SocketChannel client =
            SocketChannel.open(
                new InetSocketAddress(server.getInetAddress(), server.getLocalPort()))) {
      client.read(ByteBuffer.allocate(1));
    }
  }

  private static void accept() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.accept();
    }
  }
}
