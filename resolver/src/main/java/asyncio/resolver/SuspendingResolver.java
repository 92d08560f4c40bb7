package asyncio.resolver;

import asyncio.Asyncio;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the look-ups of virtual threads on other threads, so that a virtual thread waits for one as
 * it waits for any blocking call of the JDK's: on the direct engine its loop goes on.
 *
 * <p><b>Threading:</b> thread-safe. The JDK lets one thread at a time look up a name; others that
 * ask for the same one wait for it. Platform threads look up by themselves.
 *
 * <p><b>Cancellation:</b> a task that is cancelled stops waiting at once; the look-up goes on until
 * it has ended. Other interrupts do not end a look-up, as in the JDK.
 */
final class SuspendingResolver implements InetAddressResolver {
  private static final int MOST_THREADS = 32;
  private static final long IDLE_SECONDS = 10;

  private static final ThreadPoolExecutor THREADS =
      new ThreadPoolExecutor(
          MOST_THREADS,
          MOST_THREADS,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform()
              .daemon()
              .name("asyncio-resolver-", 1)
              .inheritInheritableThreadLocals(false)
              .factory());

  static {
    THREADS.allowCoreThreadTimeOut(true);
  }

  private final InetAddressResolver system;

  SuspendingResolver(InetAddressResolver system) {
    this.system = system;
  }

  @Override
  public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
      throws UnknownHostException {
    return Thread.currentThread().isVirtual()
        ? callElsewhere(() -> system.lookupByName(host, policy))
        : system.lookupByName(host, policy);
  }

  @Override
  public String lookupByAddress(byte[] address) throws UnknownHostException {
    return Thread.currentThread().isVirtual()
        ? callElsewhere(() -> system.lookupByAddress(address))
        : system.lookupByAddress(address);
  }

  private static <T> T callElsewhere(Callable<T> lookup) throws UnknownHostException {
    FutureTask<T> call = new FutureTask<>(lookup);
    THREADS.execute(call);
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          return call.get();
        } catch (InterruptedException e) {
          throwIfCancelled(e);
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw rethrow(e.getCause());
    } finally {
      call.cancel(false); // if it has not begun, nobody needs it any more
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Throws {@link asyncio.CancelledError} if the interrupt is how the calling task is being
   * cancelled.
   *
   * <p>It is an {@code Error}, which the JDK lets pass. It would take an exception for the answer
   * that the name is unknown, and would remember that.
   */
  private static void throwIfCancelled(InterruptedException interrupt) {
    try {
      Asyncio.await(() -> {
        throw interrupt;
      });
    } catch (CompletionException | IllegalStateException e) {
      // an interrupt of somebody else's, or this is no task
    }
  }

  private static RuntimeException rethrow(@Nullable Throwable failure) throws UnknownHostException {
    switch (failure) {
      case UnknownHostException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default ->
          throw new IllegalStateException("a look-up threw what it does not declare", failure);
    }
  }
}
