package asyncio.internal.process;

import asyncio.CancelledError;
import asyncio.Future;
import asyncio.internal.loop.IoHost;
import asyncio.internal.net.Network;
import asyncio.process.ChildProcess;
import asyncio.process.ProcessOptions;
import asyncio.process.Redirect;
import asyncio.process.SubprocessProtocol;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Starts the child processes of one loop. */
public final class ChildProcesses {
  private final Network network;

  public ChildProcesses(Network network) {
    this.network = network;
  }

  public <P extends SubprocessProtocol> ChildProcess<P> exec(
      Supplier<? extends P> factory, List<String> command, ProcessOptions options)
      throws IOException {
    network.host().checkMayWait("subprocessExec");
    return start(factory, Command.exec(command, options, Redirect.PIPE));
  }

  public <P extends SubprocessProtocol> ChildProcess<P> shell(
      Supplier<? extends P> factory, String command, ProcessOptions options) throws IOException {
    network.host().checkMayWait("subprocessShell");
    return start(factory, Command.shell(command, options, Redirect.PIPE));
  }

  private <P extends SubprocessProtocol> ChildProcess<P> start(
      Supplier<? extends P> factory, Command command) throws IOException {
    P protocol = Objects.requireNonNull(factory.get(), "the protocol factory returned null");
    IoHost host = network.host();
    Object context = host.captureContext();
    Started started = new Launch(host, command).await();
    ChildTransport transport;
    try {
      transport = new ChildTransport(network, started, protocol, context);
    } catch (Throwable t) {
      started.discard();
      throw t;
    }
    Future<@Nullable Void> made = new ChildWait<>(host.loop(), "process start", transport.pid());
    transport.begin(() -> {
      if (!made.isDone()) {
        made.setResult(null);
      }
    });
    try {
      made.await();
    } catch (CancelledError e) {
      transport.close();
      transport
          .whenExited()
          .await(); // a second request to cancel ends this; the process ends anyway
      throw e;
    }
    return new ChildProcess<>(transport, protocol);
  }
}
