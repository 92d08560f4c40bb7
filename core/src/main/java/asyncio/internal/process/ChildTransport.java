package asyncio.internal.process;

import asyncio.ErrorContext;
import asyncio.Future;
import asyncio.Signal;
import asyncio.internal.loop.IoHost;
import asyncio.internal.loop.IoPoller;
import asyncio.internal.net.Network;
import asyncio.internal.net.ReadPipeTransport;
import asyncio.internal.net.WritePipeTransport;
import asyncio.net.BaseProtocol;
import asyncio.net.BaseTransport;
import asyncio.net.ReadTransport;
import asyncio.net.WriteTransport;
import asyncio.process.ProcessLookupException;
import asyncio.process.SubprocessProtocol;
import asyncio.process.SubprocessTransport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The transport of a child process (spec PROC-10 to PROC-26).
 *
 * <p><b>Threading:</b> loop-confined.
 */
public final class ChildTransport implements SubprocessTransport, IoPoller.Listener {
  /*
   *              ┌─ the process ends ──▶ processExited ──┐
   *   RUNNING ───┤                                       ├──▶ FINISHED: connectionLost
   *              └─ the last pipe is disconnected ───────┘
   *
   * The JDK tells of the end on a thread of its own, which only queues a callback. Pipes tell through their own
   * transports. connectionMade is queued before any of these can tell anything.
   */
  private static final int FIRST_SIGNAL = 129;
  private static final int LAST_SIGNAL = 192;

  private final Network network;
  private final IoHost host;
  private final Object context;
  private final Process process;
  private final SignalSender signals;
  private final @Nullable PipeProtocol[] pipes = new PipeProtocol[3];
  private final boolean errorsGoToOutput;

  private @Nullable SubprocessProtocol protocol;
  private @Nullable Integer exitValue;
  private boolean closed;
  private boolean finished;
  private final List<Future<Integer>> waiters = new ArrayList<>();

  /** Takes over a process that was started. */
  ChildTransport(Network network, Started started, SubprocessProtocol protocol, Object context)
      throws IOException {
    this.network = network;
    this.host = network.host();
    this.context = context;
    this.process = started.process();
    this.protocol = protocol;
    this.signals = new SignalSender(process);
    this.errorsGoToOutput = started.command().options().stderr() == asyncio.process.Redirect.STDOUT;
    for (int fd = 0; fd < pipes.length; fd++) {
      if (started.hasPipe(fd)) {
        PipeProtocol pipe = new PipeProtocol(this, fd);
        pipe.transport =
            fd == 0
                ? WritePipeTransport.on(network, started.pipes().stdin(), pipe, context)
                : ReadPipeTransport.on(network, started.pipes().output(fd), pipe, context);
        pipes[fd] = pipe;
      }
    }
    network.addUnpolled(this);
    host.loop().resourceOpened(this);
  }

  /** Schedules connectionMade, the start of the pipes, and {@code made}. */
  void begin(Runnable made) {
    host.callSoon(context, () -> tell("connection_made", told -> told.connectionMade(this)));
    for (PipeProtocol pipe : pipes) {
      if (pipe != null && pipe.transport instanceof WritePipeTransport write) {
        write.begin();
      } else if (pipe != null && pipe.transport instanceof ReadPipeTransport read) {
        read.begin();
      }
    }
    host.callSoon(context, made);
    process
        .onExit()
        .whenComplete((ended, _) -> host.callFromAnywhere(() -> exited(ended), () -> {}));
    if (host.loop().isDebug()) {
      host.log(Level.DEBUG, "process created: " + this, null);
    }
  }

  // ---- what happens

  private interface Call {
    void to(SubprocessProtocol protocol) throws Exception;
  }

  private void tell(String method, Call call) {
    SubprocessProtocol told = protocol;
    if (told == null) {
      return;
    }
    try {
      call.to(told);
    } catch (Throwable t) {
      if (t instanceof Error error && host.isExit(t)) {
        throw error;
      }
      host.loop()
          .callExceptionHandler(
              new ErrorContext("Exception in protocol." + method + "() of " + this)
                  .with(ErrorContext.EXCEPTION, t)
                  .with(ErrorContext.TRANSPORT, this)
                  .with(ErrorContext.PROTOCOL, told));
    }
  }

  void pipeData(int fd, ByteBuffer loopBuffer) {
    if (protocol instanceof PipeData taker) {
      taker.pipeData(fd, loopBuffer);
      return;
    }
    byte[] bytes = new byte[loopBuffer.remaining()];
    loopBuffer.get(bytes);
    tell("pipe_data_received", told -> told.pipeDataReceived(fd, ByteBuffer.wrap(bytes)));
  }

  void pipeLost(int fd, @Nullable Throwable exception) {
    tell("pipe_connection_lost", told -> told.pipeConnectionLost(fd, exception));
    finishIfOver();
  }

  void pauseWriting() throws Exception {
    if (protocol != null) {
      protocol.pauseWriting();
    }
  }

  void resumeWriting() throws Exception {
    if (protocol != null) {
      protocol.resumeWriting();
    }
  }

  private void exited(Process ended) {
    exitValue = ended.exitValue();
    if (host.loop().isDebug()) {
      host.log(Level.DEBUG, "process ended: " + this, null);
    }
    host.callSoon(
        context,
        () -> {
          tell("process_exited", SubprocessProtocol::processExited);
          closeInput();
          finishIfOver();
        });
    for (Future<Integer> waiter : waiters) {
      if (!waiter.isDone()) {
        waiter.setResult(code(ended.exitValue()));
      }
    }
    waiters.clear();
  }

  /**
   * Nobody reads it any more, but for a child of the child's; and an idle pipe does not tell. What
   * is kept still goes out, or fails.
   */
  private void closeInput() {
    WriteTransport input = stdin();
    if (input != null) {
      input.close();
    }
  }

  private void finishIfOver() {
    if (finished || exitValue == null) {
      return;
    }
    for (PipeProtocol pipe : pipes) {
      if (pipe != null && !pipe.isDisconnected()) {
        return;
      }
    }
    finished = true;
    host.callSoon(context, this::finish);
  }

  private void finish() {
    try {
      tell("connection_lost", told -> told.connectionLost(null));
    } finally {
      protocol = null;
      network.removeUnpolled(this);
      host.loop().resourceClosed(this);
    }
  }

  // ---- the process

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public @Nullable Integer returncode() {
    return exitValue == null ? null : code(exitValue);
  }

  @Override
  public @Nullable Integer exitValue() {
    return exitValue;
  }

  /** The JDK adds 128 to the number of the signal that ended a process. */
  private static int code(int exitValue) {
    return exitValue >= FIRST_SIGNAL && exitValue <= LAST_SIGNAL ? 128 - exitValue : exitValue;
  }

  /** Completes with the return code when the process has ended; now if it has. */
  public Future<Integer> whenExited() {
    Future<Integer> waiter = new ChildWait<>(host.loop(), "process end", process.pid());
    if (exitValue != null) {
      waiter.setResult(code(exitValue));
    } else {
      waiters.removeIf(Future::isDone); // cancelled ones
      waiters.add(waiter);
    }
    return waiter;
  }

  @Override
  public void sendSignal(Signal signal) {
    Objects.requireNonNull(signal, "signal");
    checkRunning(signal.toString());
    signals.send(signal);
  }

  @Override
  public void sendSignal(int number) {
    if (number < 0 || number > LAST_SIGNAL - FIRST_SIGNAL + 1) {
      throw new IllegalArgumentException(
          "number: there is no signal " + number + "; they are from 1 to 64");
    }
    checkRunning("signal " + number);
    signals.send(number);
  }

  private void checkRunning(String signal) {
    if (exitValue != null) {
      throw new ProcessLookupException(
          "cannot send " + signal + ": process " + pid() + " has ended with " + returncode());
    }
  }

  // ---- the pipes

  @Override
  public @Nullable WriteTransport stdin() {
    return (WriteTransport) pipe(0);
  }

  @Override
  public @Nullable ReadTransport stdout() {
    return (ReadTransport) pipe(1);
  }

  @Override
  public @Nullable ReadTransport stderr() {
    return (ReadTransport) pipe(2);
  }

  private @Nullable BaseTransport pipe(int fd) {
    PipeProtocol pipe = pipes[fd];
    return pipe == null ? null : pipe.transport;
  }

  // ---- as every transport

  @Override
  public @Nullable Object getExtraInfo(String name, @Nullable Object otherwise) {
    return name.equals("subprocess") ? process : otherwise;
  }

  @Override
  public void setProtocol(BaseProtocol protocol) {
    if (!(Objects.requireNonNull(protocol, "protocol") instanceof SubprocessProtocol taken)) {
      throw new IllegalArgumentException(
          "protocol: " + protocol + " is no SubprocessProtocol; " + this + " needs one");
    }
    this.protocol = taken;
  }

  @Override
  public @Nullable SubprocessProtocol getProtocol() {
    return protocol;
  }

  @Override
  public boolean isClosing() {
    return closed;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (PipeProtocol pipe : pipes) {
      if (pipe != null && pipe.transport != null) {
        pipe.transport.close();
      }
    }
    killIfItRuns();
  }

  private void killIfItRuns() {
    if (exitValue == null && process.isAlive()) {
      process.toHandle().destroyForcibly();
    }
  }

  /**
   * The loop is closed: nobody would see to the process any more. The pipes are told themselves.
   */
  @Override
  public void loopClosed() {
    if (!closed && process.isAlive()) {
      host.log(Level.WARNING, "the loop is closed, so its process is killed: " + this, null);
    }
    closed = true;
    finished = true;
    protocol = null;
    killIfItRuns();
  }

  @Override
  public void ready(int operations) {
    throw new AssertionError("a process is not polled");
  }

  @Override
  public void closedBehind() {
    throw new AssertionError("a process is not polled");
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("<SubprocessTransport");
    if (closed) {
      text.append(" closed");
    }
    text.append(" pid=").append(pid());
    if (exitValue != null) {
      text.append(" returncode=").append(returncode());
    } else {
      text.append(" running");
    }
    if (stdin() != null) {
      text.append(" stdin=").append(stdin());
    }
    if (stdout() != null) {
      text.append(errorsGoToOutput ? " stdout=stderr=" : " stdout=").append(stdout());
    }
    if (stderr() != null) {
      text.append(" stderr=").append(stderr());
    }
    return text.append('>').toString();
  }
}
