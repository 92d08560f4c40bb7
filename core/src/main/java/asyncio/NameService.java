package asyncio;

import asyncio.internal.net.AddressLookup;
import asyncio.internal.net.NameLookup;
import asyncio.net.AddressInfo;
import asyncio.net.AddressOptions;
import asyncio.net.NameFlag;
import asyncio.net.NameInfo;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups of a loop: the threads they run on, and the way there (DNS-1 to DNS-8).
 *
 * <p>The threads are not those of the default executor: a look-up may block its thread for many
 * seconds, and nothing can end it. What needs no look-up does not leave the loop's thread.
 */
final class NameService {
  private static final int MOST_THREADS = 32;

  private @Nullable DefaultPool threads;
  private final LoadCounter load = new LoadCounter(false);

  List<AddressInfo> getaddrinfo(
      AbstractEventLoop loop,
      @Nullable String host,
      @Nullable String service,
      AddressOptions options)
      throws UnknownHostException {
    enter(loop, "getaddrinfo");
    AddressLookup lookup = new AddressLookup(host, service, options);
    List<AddressInfo> answer = lookup.answer();
    if (answer != null) {
      return answer;
    }
    if (!loop.debug) {
      return call(loop, lookup::lookUp);
    }
    long start = System.nanoTime();
    List<AddressInfo> found = call(loop, lookup::lookUp);
    long nanos = System.nanoTime() - start;
    AbstractEventLoop.LOGGER.log(
        nanos >= loop.slowCallbackDuration().toNanos() ? Level.INFO : Level.DEBUG,
        String.format(
            Locale.ROOT,
            "getting the addresses of %s:%s took %.3f ms: %s",
            host,
            service,
            nanos / 1e6,
            found));
    return found;
  }

  NameInfo getnameinfo(AbstractEventLoop loop, InetSocketAddress address, NameFlag... flags)
      throws UnknownHostException {
    enter(loop, "getnameinfo");
    Set<NameFlag> set = EnumSet.noneOf(NameFlag.class);
    Collections.addAll(set, flags);
    NameLookup lookup = new NameLookup(address, set);
    NameInfo answer = lookup.answer();
    return answer != null ? answer : call(loop, lookup::lookUp);
  }

  /** Refuses callers that could not wait, also where this time there is nothing to wait for. */
  private static void enter(AbstractEventLoop loop, String method) {
    TaskStepper.currentOrThrow(method + "()");
    loop.checkSchedulable(method, "runCoroutineThreadsafe");
  }

  private <T> T call(AbstractEventLoop loop, Callable<T> lookup) throws UnknownHostException {
    DefaultPool pool = threads;
    if (pool == null) {
      pool = new DefaultPool("asyncio-lookup-", MOST_THREADS);
      threads = pool;
    }
    OffloadedCall<T> offloaded = new OffloadedCall<>(loop, lookup, null, load);
    offloaded.submitTo(pool);
    loop.noteThreadAwaited(offloaded);
    return offloaded.await(UnknownHostException.class);
  }

  /** How many look-ups are under way; thread-safe. */
  ExecutorLoad load() {
    return load.now();
  }

  /** The loop is being closed: lets go of the threads, which end after the look-ups they are at. */
  void close() {
    DefaultPool pool = threads;
    if (pool != null) {
      threads = null;
      pool.shutdownNow();
    }
  }
}
