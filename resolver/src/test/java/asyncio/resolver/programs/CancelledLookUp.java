package asyncio.resolver.programs;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.createTask;
import static asyncio.Asyncio.millis;
import static asyncio.Asyncio.run;
import static asyncio.Asyncio.sleep;

import asyncio.CancelledError;
import asyncio.resolver.HeldNames;
import java.net.InetAddress;

/** A task is cancelled while it looks a name up; then the name is found all the same. */
public final class CancelledLookUp {
  private static final String NAME = "slow.held.test";

  public static void main(String[] args) {
    run(() -> {
      var task =
          createTask(() -> {
            try {
              InetAddress.getByName(NAME);
            } catch (Exception e) {
              System.out.println("must not be seen: " + e);
            }
          });
      sleep(millis(0));
      HeldNames.awaitAsked(NAME);
      task.cancel("enough");
      try {
        await(task);
      } catch (CancelledError e) {
        System.out.println("cancelled: " + e.getMessage());
      }
      HeldNames.release(NAME);
      System.out.println("found: " + InetAddress.getByName(NAME).getHostAddress());
    });
  }
}
