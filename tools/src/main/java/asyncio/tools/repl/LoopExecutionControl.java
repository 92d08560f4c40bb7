package asyncio.tools.repl;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.jshell.execution.DirectExecutionControl;
import org.jspecify.annotations.Nullable;

/**
 * Runs each snippet as a task of one loop, which goes on between the snippets.
 *
 * <p><b>Threading:</b> JShell calls one method at a time, but {@link #stop} at any time.
 */
final class LoopExecutionControl extends DirectExecutionControl {
  /** For how long a request to stop holds that came while the snippet was still being compiled. */
  private static final long EARLY_STOP_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final SessionLoop loop = SessionLoop.start();
  private final PrintStream messages;

  /** The snippet that runs; null between the snippets. */
  private volatile @Nullable SnippetRun current;

  /** When the last request came that found no snippet running; 0 for none. */
  private volatile long earlyStop;

  LoopExecutionControl(PrintStream messages) {
    this.messages = messages;
  }

  @Override
  public void load(ClassBytecodes[] classes)
      throws ClassInstallException, NotImplementedException, EngineTerminationException {
    super.load(
        Stream.of(classes)
            .map(code -> new ClassBytecodes(code.name(), StopChecks.addTo(code.bytecodes())))
            .toArray(ClassBytecodes[]::new));
  }

  @Override
  protected String invoke(Method snippet) throws Exception {
    SnippetRun run =
        new SnippetRun(() -> {
          try {
            return valueString(snippet.invoke(null));
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
    current = run;
    try {
      if (stoppedEarly()) {
        throw new SnippetStoppedException();
      }
      loop.start(run);
      return run.result();
    } catch (LoopEndedException e) {
      throw new EngineTerminationException(e.getMessage());
    } catch (SnippetStoppedException e) {
      throw new StoppedException();
    } finally {
      current = null;
    }
  }

  @Override
  public void stop() {
    SnippetRun run = current;
    if (run != null) {
      loop.stop(run, messages);
    } else {
      earlyStop = System.nanoTime() | 1; // never 0
    }
  }

  private boolean stoppedEarly() {
    long stop = earlyStop;
    earlyStop = 0;
    return stop != 0 && System.nanoTime() - stop < EARLY_STOP_NANOS;
  }

  @Override
  public void close() {
    loop.close();
  }
}
