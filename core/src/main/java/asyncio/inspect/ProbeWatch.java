package asyncio.inspect;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Cleans up behind a command that died: when a probe has not been called for a while, it takes the
 * probe out and stops the management agent that was started for it.
 */
final class ProbeWatch {
  private final String name;
  private final String settings;
  private final long limitNanos;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile long lastCall = System.nanoTime();

  private ProbeWatch(String name, String settings, int silenceSeconds) {
    this.name = name;
    this.settings = settings;
    this.limitNanos = TimeUnit.SECONDS.toNanos(silenceSeconds);
  }

  static ProbeWatch start(String name, String settings, int silenceSeconds) {
    ProbeWatch watch = new ProbeWatch(name, settings, silenceSeconds);
    Thread thread = new Thread(watch::run, "asyncio-probe");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  void called() {
    lastCall = System.nanoTime();
  }

  void stop() {
    stopped.countDown();
  }

  private void run() {
    try {
      for (long left = limitNanos; left > 0; left = limitNanos - (System.nanoTime() - lastCall)) {
        if (stopped.await(left, TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      return; // nobody but a debugger does that
    }
    cleanUp();
  }

  private void cleanUp() {
    try {
      // A program may have started without java.management: the JVM loads it for the agent, and
      // then this module does not read it yet.
      ProbeWatch.class
          .getModule()
          .addReads(Class.forName("java.lang.management.ManagementFactory").getModule());
      if (Beans.removeProbe(name) && !settings.isEmpty()) {
        stopAgent();
        deleteFolder();
      }
    } catch (Exception | LinkageError e) {
      System.getLogger("asyncio")
          .log(System.Logger.Level.WARNING, "the management agent could not be stopped", e);
    }
  }

  private void deleteFolder() throws IOException {
    Path folder = Path.of(settings).getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }

  /** Stops the agent if it is the one with these settings. */
  private void stopAgent() throws IOException {
    if (AttachSocket.run("ManagementAgent.status").contains(settings)) {
      AttachSocket.run("ManagementAgent.stop");
    }
  }

  /** Apart from the rest, since its types may not be there before they are asked for. */
  private static final class Beans {
    private Beans() {}

    /** Takes a probe out; returns whether it was the last one. */
    static boolean removeProbe(String name) throws JMException {
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      ObjectName own = new ObjectName(name);
      if (server.isRegistered(own)) {
        server.unregisterMBean(own);
      }
      return server.queryNames(new ObjectName(own.getDomain() + ":type=Probe,*"), null).isEmpty();
    }
  }
}
