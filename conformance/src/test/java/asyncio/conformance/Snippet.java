package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles a few statements as a user would write them, to show what the compiler accepts and what
 * it refuses.
 *
 * <p>The library's own names are imported, {@code Asyncio}'s statically; others are written in
 * full.
 */
public final class Snippet {
  private static final String BEFORE =
      """
      import asyncio.*;
      import asyncio.inspect.*;
      import asyncio.net.*;
      import asyncio.process.*;
      import asyncio.sync.*;
      import static asyncio.Asyncio.*;
      import java.nio.ByteBuffer;
      import java.nio.file.Path;
      import java.time.Duration;
      import java.util.List;
      class Program {
        void body() throws Exception {
      """;

  private static final String AFTER = "\n  }\n}\n";

  private Snippet() {}

  /** Asserts that {@code statements} compile. */
  public static void accepts(String statements) {
    assertThat(errors(BEFORE + statements + AFTER)).as(statements).isEmpty();
  }

  /**
   * Asserts that {@code statements} do not compile because of a type, rather than because of a slip
   * of the pen.
   */
  public static void rejects(String statements) {
    List<Diagnostic<? extends JavaFileObject>> errors = errors(BEFORE + statements + AFTER);
    assertThat(errors).as(statements + " must not compile").isNotEmpty();
    assertThat(errors)
        .as(statements)
        .allSatisfy(error ->
            assertThat(error.getCode())
                .as(error.getMessage(Locale.ROOT))
                .containsAnyOf(
                    "cant.apply",
                    "prob.found.req",
                    "incompatible",
                    "not.def.public",
                    "unreported"));
  }

  private static List<Diagnostic<? extends JavaFileObject>> errors(String unit) {
    try {
      Path classes = Files.createTempDirectory("snippet");
      try {
        return compile(unit, classes);
      } finally {
        try (Stream<Path> files = Files.list(classes)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(classes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Compiles {@code unit} as Program.java into a folder and returns the compiler's errors. */
  static List<Diagnostic<? extends JavaFileObject>> compile(String unit, Path classes) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var found = new DiagnosticCollector<JavaFileObject>();
    var source =
        new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return unit;
          }
        };
    List<String> options =
        List.of(
            "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    compiler.getTask(null, null, found, options, null, List.of(source)).call();
    return found.getDiagnostics().stream()
        .filter(d -> d.getKind() == Diagnostic.Kind.ERROR)
        .toList();
  }
}
