package asyncio.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The files of this repository, for tests that hold documents and sources against each other. */
public final class Repository {

  /** The folder that holds the parent pom. */
  public static final Path ROOT = findRoot();

  private Repository() {}

  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<String> lines(Path file) {
    return read(file).lines().toList();
  }

  /** Every Java test source of every module. */
  public static List<Path> testSources() {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.sorted().toList()) {
        Path tests = module.resolve("src/test/java");
        if (Files.isDirectory(tests)) {
          try (Stream<Path> files = Files.walk(tests)) {
            files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }

  /**
   * The cells of the rows of all Markdown tables under {@code heading}, or of the whole page if
   * that is empty.
   */
  public static List<List<String>> tableRows(Path page, String heading) {
    List<List<String>> rows = new ArrayList<>();
    boolean inside = heading.isEmpty();
    int line = 0;
    for (String text : lines(page)) {
      if (text.startsWith("## ") && !heading.isEmpty()) {
        inside = text.substring(3).strip().equals(heading);
      }
      if (!inside || !text.startsWith("|")) {
        line = 0;
        continue;
      }
      line++;
      if (line > 2) { // the first two are the head and its rule
        String body = text.strip();
        if (!body.endsWith("|")) {
          throw new AssertionError(page + ": a table row must end in '|': " + text);
        }
        rows.add(
            Arrays.stream(body.substring(1, body.length() - 1).split("\\|", -1))
                .map(String::strip)
                .toList());
      }
    }
    return rows;
  }

  private static Path findRoot() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("docs/spec"))) {
        return folder;
      }
    }
    throw new AssertionError("no docs/spec above " + Path.of("").toAbsolutePath());
  }
}
