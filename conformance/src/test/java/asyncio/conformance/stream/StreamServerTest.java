package asyncio.conformance.stream;

import static asyncio.Asyncio.allTasks;
import static asyncio.Asyncio.currentTask;
import static asyncio.conformance.stream.Texts.assertThrows;
import static asyncio.conformance.stream.Texts.bytes;
import static asyncio.conformance.stream.Texts.turn;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.ErrorContext;
import asyncio.EventLoop;
import asyncio.Future;
import asyncio.Task;
import asyncio.conformance.Spec;
import asyncio.net.ClientHandler;
import asyncio.net.StreamReader;
import asyncio.net.StreamReaderProtocol;
import asyncio.testkit.LoopProbe;
import asyncio.testkit.LoopTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server's protocol does with its handler. */
class StreamServerTest {
  private final FakeTransport transport = new FakeTransport();
  private final List<String> trail = new ArrayList<>();
  private @Nullable Task<?> task;

  private StreamReaderProtocol connect(ClientHandler handler) throws Exception {
    var protocol = new StreamReaderProtocol(new StreamReader(), handler);
    protocol.connectionMade(transport);
    return protocol;
  }

  @LoopTest
  @Spec("STREAM-3")
  void handlerRunsAsATask() throws Exception {
    StreamReaderProtocol protocol =
        connect((reader, writer) -> {
          task = currentTask();
          trail.add("begins");
          trail.add(reader.readUtf8Line());
          writer.writeUtf8("answer");
          writer.close();
        });
    assertThat(trail).isEmpty(); // the step is queued
    turn();
    assertThat(trail).containsExactly("begins");
    assertThat(allTasks()).contains(task);
    protocol.dataReceived(ByteBuffer.wrap(bytes("question\n")));
    turn();
    assertThat(trail).containsExactly("begins", "question");
    assertThat(transport.trail).containsExactly("write answer", "close");
  }

  @LoopTest
  @Spec("STREAM-3")
  void callbackIsCalledAtOnce() throws Exception {
    connect(
        ClientHandler.callback((_, writer) -> {
          trail.add("called");
          writer.writeUtf8("hello");
        }));
    assertThat(trail).containsExactly("called");
    assertThat(transport.trail).containsExactly("write hello");
  }

  @LoopTest
  @Spec("STREAM-4")
  void failureOfTheTaskIsReportedAndCloses(LoopProbe probe) throws Exception {
    List<ErrorContext> reports = probe.expectErrors();
    var failure = new IllegalArgumentException("bug");
    connect((_, _) -> {
      throw failure;
    });
    probe.runUntilAllBlocked();
    assertThat(reports).hasSize(1);
    assertThat(reports.getFirst().message())
        .isEqualTo("Unhandled exception in client_connected_cb");
    assertThat(reports.getFirst().exception()).isSameAs(failure);
    assertThat(reports.getFirst().get(ErrorContext.TRANSPORT)).isSameAs(transport);
    assertThat(transport.trail).containsExactly("close");
  }

  @LoopTest
  @Spec("STREAM-5")
  void cancellationOfTheTaskClosesAndIsNotReported(EventLoop loop, LoopProbe probe)
      throws Exception {
    Future<String> never = loop.createFuture();
    connect((_, _) -> {
      task = currentTask();
      never.await();
    });
    turn();
    task.cancel();
    probe.runUntilAllBlocked();
    assertThat(task.isCancelled()).isTrue();
    assertThat(transport.trail).containsExactly("close");
  }

  @LoopTest
  @Spec("STREAM-5")
  void cancellationBeforeTheFirstStepCloses(LoopProbe probe) throws Exception {
    connect((_, _) -> trail.add("ran"));
    allTasks().stream().filter(each -> each != currentTask()).forEach(Task::cancel);
    probe.runUntilAllBlocked();
    assertThat(trail).isEmpty();
    assertThat(transport.trail).containsExactly("close");
  }

  @LoopTest
  @Spec("STREAM-6")
  void failureOfACallbackIsTheTransportsToReport() {
    var failure = new IllegalArgumentException("bug");
    assertThrows(
            IllegalArgumentException.class,
            () ->
                connect(
                    ClientHandler.callback((_, _) -> {
                      throw failure;
                    })))
        .isSameAs(failure);
    assertThat(transport.trail).isEmpty(); // and stays open
  }

  @LoopTest
  @Spec("STREAM-6")
  void returningClosesNothing(LoopProbe probe) throws Exception {
    connect((_, _) -> trail.add("task"));
    connect(ClientHandler.callback((_, _) -> trail.add("callback")));
    probe.runUntilAllBlocked();
    assertThat(trail).containsExactly("callback", "task");
    assertThat(transport.trail).isEmpty();
  }
}
