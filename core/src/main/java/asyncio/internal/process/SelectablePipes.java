package asyncio.internal.process;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.Channel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pipes that a selector can wait for; on Linux. */
final class SelectablePipes implements ChildPipes {
  /*
   * The child opens its end anew, under the name of the descriptor that this process has of it, so that only this
   * process's end is non-blocking. Both ends stay open here until the child is started, or the opening would wait.
   */
  private final @Nullable Pipe[] pipes = new Pipe[3];

  /** What is closed once the child has its own. */
  private final List<Channel> endsOfTheChild = new ArrayList<>();

  @Override
  public Redirect newPipe(int fd) throws IOException {
    Pipe pipe = Pipe.open();
    pipes[fd] = pipe;
    endsOfTheChild.add(fd == 0 ? pipe.source() : pipe.sink());
    return opening(fd, PipeDescriptors.file(pipe));
  }

  @Override
  public Redirect sharedPipe(int fd, Pipe pipe) throws IOException {
    Redirect redirect = opening(fd, PipeDescriptors.fileOfShared(pipe));
    endsOfTheChild.add(fd == 0 ? pipe.source() : pipe.sink());
    return redirect;
  }

  private static Redirect opening(int fd, File file) {
    return fd == 0 ? Redirect.from(file) : Redirect.to(file);
  }

  @Override
  public void started(Process process) throws IOException {
    for (Channel end : endsOfTheChild) {
      end.close();
    }
    for (int fd = 0; fd < pipes.length; fd++) {
      Pipe pipe = pipes[fd];
      if (pipe != null) {
        (fd == 0 ? pipe.sink() : pipe.source()).configureBlocking(false);
      }
    }
  }

  @Override
  public WritableByteChannel stdin() {
    return required(0).sink();
  }

  @Override
  public ReadableByteChannel output(int fd) {
    return required(fd).source();
  }

  private Pipe required(int fd) {
    Pipe pipe = pipes[fd];
    if (pipe == null) {
      throw new AssertionError("no pipe for " + fd);
    }
    return pipe;
  }

  @Override
  public void close() {
    for (Pipe pipe : pipes) {
      if (pipe != null) {
        closeQuietly(pipe.source());
        closeQuietly(pipe.sink());
      }
    }
  }

  private static void closeQuietly(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // a pipe that nobody has used
    }
  }
}
