package asyncio.inspect;

import asyncio.Future;
import asyncio.internal.inspect.Insight;

/** The identities that snapshots show. */
final class Ids {

  private Ids() {}

  static String hex(long number) {
    return "0x" + Long.toHexString(number);
  }

  static String of(Insight insight, Future<?> future) {
    return hex(insight.idOf(future));
  }

  /** Of a thing that is no future. */
  static String of(Object thing) {
    return hex(System.identityHashCode(thing));
  }
}
