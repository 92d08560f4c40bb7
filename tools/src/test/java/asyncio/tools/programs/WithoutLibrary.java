package asyncio.tools.programs;

import java.util.concurrent.CountDownLatch;

/** A JVM that does not use the library. */
public final class WithoutLibrary {
  private WithoutLibrary() {}

  public static void main(String[] arguments) throws InterruptedException {
    System.out.println("ready");
    System.out.flush();
    new CountDownLatch(1).await();
  }
}
