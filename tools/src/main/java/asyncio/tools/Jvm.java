package asyncio.tools;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Another JVM that this one is attached to: it takes commands over a UNIX socket that only its own
 * user, and root, may use.
 */
final class Jvm implements AutoCloseable {
  /** A class that every program on the library has loaded as soon as it has a loop. */
  private static final String SIGN = "asyncio.AbstractEventLoop";

  private final long pid;
  private final VirtualMachine machine;

  private Jvm(long pid, VirtualMachine machine) {
    this.pid = pid;
    this.machine = machine;
  }

  /**
   * Attaches to a process.
   *
   * @throws UserError if there is no such process, or it is no JVM, or it lets nobody attach
   */
  static Jvm attach(long pid) throws UserError {
    if (pid == ProcessHandle.current().pid()) {
      throw new UserError("process " + pid + " is this command itself");
    }
    ProcessFacts.checkJvm(pid);
    try {
      return new Jvm(pid, VirtualMachine.attach(Long.toString(pid)));
    } catch (AttachNotSupportedException e) {
      throw new UserError(
          "process %d does not let tools attach: %s".formatted(pid, e.getMessage()), e);
    } catch (IOException e) {
      throw new UserError("cannot attach to process %d: %s".formatted(pid, e.getMessage()), e);
    }
  }

  long pid() {
    return pid;
  }

  VirtualMachine machine() {
    return machine;
  }

  /** Whether the library is in use there, by whatever class loader. It runs no Java code there. */
  boolean usesLibrary() throws IOException {
    return command("VM.class_hierarchy " + SIGN).contains(SIGN);
  }

  /** Runs one of the commands of {@code jcmd} and gives its output. */
  String command(String command) throws IOException {
    // The JDK's own jcmd calls this method too; it is public in a package that is not exported.
    try (InputStream output =
        (InputStream)
            machine.getClass().getMethod("executeJCmd", String.class).invoke(machine, command)) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    } catch (InvocationTargetException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw cause instanceof IOException failure
          ? failure
          : new IOException(cause.toString(), cause);
    } catch (ReflectiveOperationException e) {
      throw new IOException(
          "start this with --add-exports jdk.attach/sun.tools.attach=asyncio.tools, as ./asyncio does",
          e);
    }
  }

  @Override
  public void close() {
    try {
      machine.detach();
    } catch (IOException e) {
      // it is gone, which is as well detached
    }
  }
}
