package asyncio.conformance.heritage;

import static org.assertj.core.api.Assertions.assertThat;

import asyncio.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * The programs of examples/heritage, compiled once: runs them, and programs of the tests that use
 * their classes.
 */
final class ExamplePrograms {
  private static final Path FOLDER = root().resolve("examples/heritage");

  private static final Path CLASSES = compile(sources(), null);

  private ExamplePrograms() {}

  private static Path root() {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("examples/heritage"))) {
        return folder;
      }
    }
    throw new AssertionError("no examples above " + Path.of("").toAbsolutePath());
  }

  /** Runs the example {@code name} and returns the lines it prints. */
  static List<String> run(Engine engine, String name) {
    return run(engine, List.of(CLASSES), name, Map.of());
  }

  /** As {@link #run(Engine, String)}, with a system property set. */
  static List<String> runWith(Engine engine, String name, String property, String value) {
    return run(engine, List.of(CLASSES), name, Map.of(property, value));
  }

  /** Runs statements that may use the examples' classes; returns the lines they print. */
  static List<String> runStatements(Engine engine, String statements) {
    return runStatementsWith(engine, Map.of(), statements);
  }

  static List<String> runStatementsWith(
      Engine engine, Map<String, String> properties, String statements) {
    String unit =
        """
        import static asyncio.Asyncio.*;
        import asyncio.*;
        import asyncio.net.*;
        import java.nio.*;
        import java.nio.channels.*;
        import java.util.*;

        class Program {
          void main() throws Exception {
        %s
          }

          static void print(Object line) {
            System.out.println(line);
          }
        }
        """
            .formatted(statements);
    try {
      Path source = Files.createTempDirectory("heritage").resolve("Program.java");
      Files.writeString(source, unit);
      return run(
          engine, List.of(CLASSES, compile(List.of(source), CLASSES)), "Program", properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The lines of code of an example: no comments, no imports, no lines of punctuation alone. */
  static List<String> codeLines(String name) {
    try {
      String text = Files.readString(FOLDER.resolve(name + ".java"));
      return text.replaceAll("(?s)/\\*.*?\\*/", "")
          .lines()
          .map(line -> line.replaceFirst("//.*", "").strip())
          .filter(line -> line.matches(".*\\w.*") && !line.startsWith("import "))
          .filter(line -> !line.startsWith("@"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> sources() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path compile(List<Path> sources, Path onto) {
    try {
      Path classes = Files.createTempDirectory("heritage");
      String path = System.getProperty("java.class.path");
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "-proc:none",
                  "-d",
                  classes.toString(),
                  "-cp",
                  onto == null ? path : path + java.io.File.pathSeparator + onto));
      sources.forEach(source -> arguments.add(source.toString()));
      var errors = new ByteArrayOutputStream();
      int status =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, errors, arguments.toArray(String[]::new));
      assertThat(status).as(errors.toString(StandardCharsets.UTF_8)).isZero();
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> run(
      Engine engine, List<Path> classes, String name, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.put(Engine.PROPERTY, engine.name().toLowerCase(java.util.Locale.ROOT));
    Map<String, String> before = new HashMap<>();
    all.forEach((key, value) -> before.put(key, System.setProperty(key, value)));
    var printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      callMain(classes, name);
    } finally {
      System.setOut(out);
      before.forEach((key, value) -> {
        if (value == null) {
          System.clearProperty(key);
        } else {
          System.setProperty(key, value);
        }
      });
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static void callMain(List<Path> classes, String name) {
    List<URL> urls = new ArrayList<>();
    try {
      for (Path folder : classes) {
        urls.add(folder.toUri().toURL());
      }
      try (var loader =
          new URLClassLoader(urls.toArray(URL[]::new), ExamplePrograms.class.getClassLoader())) {
        Class<?> type = loader.loadClass(name);
        Constructor<?> constructor = type.getDeclaredConstructor();
        Method main = type.getDeclaredMethod("main");
        constructor.setAccessible(true);
        main.setAccessible(true);
        main.invoke(constructor.newInstance());
      }
    } catch (InvocationTargetException e) {
      throw new AssertionError("the program failed", e.getCause());
    } catch (IOException | ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
