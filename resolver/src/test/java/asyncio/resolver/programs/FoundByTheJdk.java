package asyncio.resolver.programs;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Says who looks a name up: first for a platform thread, then for a virtual one. */
public final class FoundByTheJdk {
  public static void main(String[] args) throws InterruptedException {
    lookUp("platform.invalid");
    System.out.println("after the platform thread: " + hasThreadForLookUps());
    Thread.ofVirtual().start(() -> lookUp("virtual.invalid")).join();
    System.out.println("after the virtual thread: " + hasThreadForLookUps());
  }

  private static void lookUp(String name) {
    try {
      System.out.println(InetAddress.getByName(name));
    } catch (UnknownHostException e) {
      System.out.println("unknown: " + name);
    }
  }

  private static boolean hasThreadForLookUps() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith("asyncio-resolver-"));
  }
}
