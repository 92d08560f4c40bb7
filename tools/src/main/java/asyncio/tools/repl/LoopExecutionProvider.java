package asyncio.tools.repl;

import java.util.Map;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/** Lets JShell run its snippets as tasks of a loop in this JVM: {@code --execution asyncio}. */
public final class LoopExecutionProvider implements ExecutionControlProvider {
  /** What JShell calls it. */
  static final String NAME = "asyncio";

  /** Made by JShell. */
  public LoopExecutionProvider() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
    return new LoopExecutionControl(env.userErr());
  }
}
