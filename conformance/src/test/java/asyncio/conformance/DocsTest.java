package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import asyncio.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The documents tell the truth: their programs run and print what the page says, their fragments
 * compile, their links lead somewhere, and the classes and methods that they explain exist.
 */
class DocsTest {

  /** A fenced block of a page. */
  private record Block(Path page, int line, String language, String text) {}

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
  private static final Pattern TOP_CLASS = Pattern.compile("(?m)^class (\\w+)");
  private static final Pattern CODE_NAME =
      Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?(?:\\(\\))?`");

  @TempDir private static Path folder;

  @TestFactory
  Stream<DynamicTest> codeOfThePagesWorks() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      List<Block> blocks = blocks(page);
      for (int i = 0; i < blocks.size(); i++) {
        Block block = blocks.get(i);
        if (block.language().equals("java")) {
          Block next = i + 1 < blocks.size() ? blocks.get(i + 1) : null;
          String output = next != null && next.language().equals("text") ? next.text() : null;
          String name = Repository.ROOT.relativize(page) + ":" + block.line();
          tests.add(DynamicTest.dynamicTest(name, () -> check(block, output)));
        }
      }
    }
    return tests.stream();
  }

  @Test
  void linksLeadToFiles() {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      LINK.matcher(Repository.read(page))
          .results()
          .map(link -> link.group(1))
          .filter(target -> !Files.exists(page.resolveSibling(target)))
          .forEach(target -> broken.add(Repository.ROOT.relativize(page) + " -> " + target));
    }
    assertThat(broken).as("links that lead nowhere").isEmpty();
  }

  @Test
  void designNamesClassesAndMethodsThatExist() {
    Path design = Repository.ROOT.resolve("docs/design.md");
    TreeSet<String> absent = new TreeSet<>();
    CODE_NAME
        .matcher(Repository.read(design))
        .results()
        .filter(name -> !isInSources(name.group(1), name.group(2)))
        .forEach(name -> absent.add(name.group()));
    assertThat(absent).as("names in docs/design.md without a class or member").isEmpty();
  }

  private static void check(Block block, @Nullable String output) throws Exception {
    List<String> missing =
        FromPythonTest.plannedNames().stream()
            .filter(name -> Pattern.compile("\\b" + name + "\\b").matcher(block.text()).find())
            .toList();
    assumeTrue(missing.isEmpty(), "not built yet: " + missing);
    boolean program = block.text().contains("void main(");
    if (!program && !block.text().startsWith("import ")) {
      Snippet.accepts(block.text());
      return;
    }
    Path classes = Files.createTempDirectory(folder, "program");
    assertThat(Snippet.compile(block.text(), classes)).as(block.text()).isEmpty();
    if (!program) {
      return; // a class
    }
    assumeTrue(
        Engine.preferred() == Engine.DIRECT
            || !block.text().contains("blocks this task, not the loop"),
        "needs the direct engine");
    Matcher declared = TOP_CLASS.matcher(block.text());
    String printed = run(classes, declared.find() ? declared.group(1) : "Program");
    if (output != null) {
      assertThat(printed).isEqualTo(output);
    }
  }

  /** Runs a class as the launcher would and returns what it printed. */
  private static String run(Path classes, String name) throws Exception {
    var printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (var loader =
            new URLClassLoader(
                new URL[] {classes.toUri().toURL()}, DocsTest.class.getClassLoader());
        var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      Class<?> type = loader.loadClass(name);
      Constructor<?> constructor = type.getDeclaredConstructor();
      Method main = type.getDeclaredMethod("main");
      constructor.setAccessible(true);
      main.setAccessible(true);
      System.setOut(out);
      main.invoke(constructor.newInstance());
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static boolean isInSources(String type, @Nullable String member) {
    Path source = sourceOf(type);
    if (source == null) {
      return isJdkType(type);
    }
    return member == null
        || Pattern.compile("\\b" + member + "\\b").matcher(Repository.read(source)).find();
  }

  private static @Nullable Path sourceOf(String type) {
    for (String module : List.of("core", "tools", "monitor")) {
      try (Stream<Path> files = Files.walk(Repository.ROOT.resolve(module + "/src/main/java"))) {
        Path source = files.filter(file -> file.endsWith(type + ".java")).findFirst().orElse(null);
        if (source != null) {
          return source;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return null;
  }

  private static boolean isJdkType(String type) {
    for (String prefix :
        List.of("java.lang.", "java.util.", "java.util.concurrent.", "java.time.")) {
      try {
        Class.forName(prefix + type);
        return true;
      } catch (ClassNotFoundException e) {
        continue;
      }
    }
    return false;
  }

  /** All pages but the specification, whose names are the Python ones. */
  private static List<Path> pages() {
    try (Stream<Path> top = Files.list(Repository.ROOT);
        Stream<Path> docs = Files.walk(Repository.ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !file.startsWith(Repository.ROOT.resolve("docs/spec")))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Block> blocks(Path page) {
    List<Block> blocks = new ArrayList<>();
    List<String> lines = Repository.lines(page);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("```")) {
        String language = lines.get(i).substring(3).strip();
        int start = ++i;
        StringBuilder text = new StringBuilder();
        for (; !lines.get(i).startsWith("```"); i++) {
          text.append(lines.get(i)).append('\n');
        }
        blocks.add(new Block(page, start, language, text.toString()));
      }
    }
    return blocks;
  }
}
