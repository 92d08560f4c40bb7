package asyncio.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Whether a pipe is found among others, which may look the same. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class PipeDescriptorsTest {
  private final List<Pipe> pipes = new ArrayList<>();

  private Pipe open() throws IOException {
    Pipe pipe = Pipe.open();
    pipes.add(pipe);
    return pipe;
  }

  @AfterEach
  void close() throws IOException {
    for (Pipe pipe : pipes) {
      pipe.source().close();
      pipe.sink().close();
    }
  }

  private static void assertLeadsTo(java.io.File file, Pipe pipe) throws IOException {
    try (var out = new FileOutputStream(file)) {
      out.write('x');
    }
    ByteBuffer read = ByteBuffer.allocate(10);
    pipe.source().read(read);
    assertThat(read.position()).as("the pipe is empty but for this byte").isEqualTo(1);
  }

  @Test
  void aPipeIsFoundAmongThoseThatHaveAsManyBytes() throws Exception {
    // Every number of bytes that a mark can have is there, most of them close by.
    for (int i = 0; i < 120; i++) {
      open().sink().write(ByteBuffer.allocate(1 + i * 25));
    }
    for (int i = 0; i < 3000; i++) {
      pipes.get(i % 120).source().read(ByteBuffer.allocate(1));
      Pipe pipe = Pipe.open();
      assertLeadsTo(PipeDescriptors.file(pipe), pipe);
      pipe.source().close();
      pipe.sink().close();
      pipes.get(i % 120).sink().write(ByteBuffer.allocate(1 + i % 2));
    }
  }

  @Test
  void aPipeIsFoundFarFromTheLastOne() throws Exception {
    List<Pipe> far = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      far.add(open());
    }
    assertLeadsTo(PipeDescriptors.file(far.getLast()), far.getLast());
    assertLeadsTo(PipeDescriptors.file(far.getFirst()), far.getFirst());
    assertLeadsTo(PipeDescriptors.file(far.get(100)), far.get(100));
  }

  @Test
  void aSharedPipeIsKnownWhenEitherEndIsClosed() throws Exception {
    Pipe noSink = open();
    assertLeadsTo(PipeDescriptors.fileOfShared(noSink), noSink);
    noSink.sink().close();
    open(); // gets the number that is free now
    assertLeadsTo(PipeDescriptors.fileOfShared(noSink), noSink);

    Pipe noSource = open();
    PipeDescriptors.fileOfShared(noSource);
    noSource.source().close();
    open();
    try (var in = new java.io.RandomAccessFile(PipeDescriptors.fileOfShared(noSource), "rw");
        var asked = new java.io.FileInputStream(in.getFD())) {
      noSource.sink().write(ByteBuffer.allocate(7));
      assertThat(asked.available()).isEqualTo(7);
    }
    noSource.sink().close();
    assertThatThrownBy(() -> PipeDescriptors.fileOfShared(noSource))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("both ends");
  }

  @Test
  void aSharedPipeThatWasUsedIsRefused() throws Exception {
    Pipe used = open();
    used.sink().write(ByteBuffer.allocate(1));
    assertThatThrownBy(() -> PipeDescriptors.fileOfShared(used))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not new");
  }
}
