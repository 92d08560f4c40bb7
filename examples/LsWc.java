import static asyncio.Asyncio.*;

import asyncio.*;
import asyncio.process.*;
import java.io.IOException;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a shell does for {@code ls FOLDER | wc -l}: two children, connected by a pipe through which
 * nothing passes that this program would see. Without an argument it makes a folder to count.
 */
class LsWc {
  void main(String[] args) throws IOException {
    if (args.length == 1) {
      run(() -> count(Path.of(args[0])));
      return;
    }
    Path folder = Files.createTempDirectory("ls-wc");
    List<Path> files = List.of(folder.resolve("one"), folder.resolve("two"), folder.resolve("3"));
    try {
      for (Path file : files) {
        Files.createFile(file);
      }
      run(() -> count(folder));
    } finally {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder);
    }
  }

  void count(Path folder) throws IOException {
    var pipe = Pipe.open();
    var toPipe = ProcessOptions.DEFAULT.withStdout(Redirect.to(pipe));
    var fromPipe = ProcessOptions.DEFAULT.withStdin(Redirect.from(pipe)).withStdout(Redirect.PIPE);
    try (var ls = createSubprocessExec(List.of("ls", folder.toString()), toPipe);
        var wc = createSubprocessExec(List.of("wc", "-l"), fromPipe)) {
      String lines = wc.communicate().stdoutUtf8().strip();
      System.out.println(lines + " lines");
      System.out.println("ls ended with " + ls.waitForExit() + ", wc with " + wc.returncode());
    }
  }
}
