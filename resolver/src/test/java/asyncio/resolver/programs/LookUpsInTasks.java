package asyncio.resolver.programs;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.getRunningLoop;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.resolver.HeldNames;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Three tasks look names up, two of them the same one, while the loop goes on. */
public final class LookUpsInTasks {
  private static final String ONE = "one.held.test";
  private static final String OTHER = "other.held.test";

  public static void main(String[] args) {
    run(() -> {
      var first = createTask(() -> say("first: " + InetAddress.getByName(ONE)));
      var second = createTask(() -> say("second: " + new InetSocketAddress(OTHER, 80)));
      var third = createTask(() -> say("third: " + InetAddress.getByName(ONE)));
      sleep(millis(0));
      HeldNames.awaitAsked(ONE);
      HeldNames.awaitAsked(OTHER);
      say("both names are looked up");
      getRunningLoop().callSoon(() -> say("a callback runs"));
      sleep(millis(1));
      say("a timer runs");
      HeldNames.release(OTHER);
      await(second);
      HeldNames.release(ONE);
      await(first);
      await(third);
    });
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
