package asyncio.net;

import asyncio.Coroutine;
import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.internal.inspect.WrappedCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs a server's handler for one connection, and looks after how that ends. */
record ClientTask(ClientHandler handler, StreamReader reader, StreamWriter writer)
    implements Coroutine<@Nullable Void>, Consumer<Future<@Nullable Void>>, WrappedCode {

  void start(EventLoop loop) {
    loop.<@Nullable Void>createTask(this).addDoneCallback(this);
  }

  @Override
  public @Nullable Void await() throws Exception {
    handler.handle(reader, writer);
    return null;
  }

  @Override
  public Object wrappedCode() {
    return handler;
  }

  /** The task has ended. */
  @Override
  public void accept(Future<@Nullable Void> task) {
    Throwable failure = task.isCancelled() ? null : task.exception();
    if (failure != null) {
      task.loop()
          .callExceptionHandler(
              new ErrorContext("Unhandled exception in client_connected_cb")
                  .with(ErrorContext.EXCEPTION, failure)
                  .with(ErrorContext.TRANSPORT, writer.transport()));
    }
    if (failure != null || task.isCancelled()) {
      writer.transport().close();
    }
  }

  @Override
  public String toString() {
    return "connection from " + writer.getExtraInfo("peername");
  }
}
