package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * docs/from-python.md names every public name of asyncio, and tells the truth about the Java ones.
 *
 * <p>Run with {@code -Dfrom-python.update=true} it removes the marks of what has been built
 * meanwhile.
 */
class FromPythonTest {
  private static final List<String> PACKAGES =
      List.of("asyncio.", "asyncio.inspect.", "asyncio.net.", "asyncio.sync.", "asyncio.process.");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern PLANNED = Pattern.compile("\\bplanned\\b");
  private static final String NOTHING = "–";
  private static final Path PAGE = Repository.ROOT.resolve("docs/from-python.md");

  private final List<List<String>> rows = Repository.tableRows(PAGE, "");

  @BeforeAll
  static void updateIfAskedTo() throws IOException {
    if (!Boolean.getBoolean("from-python.update")) {
      return;
    }
    List<String> built =
        Repository.tableRows(PAGE, "").stream()
            .filter(row ->
                isPlanned(row) && codes(row.get(1)).stream().allMatch(FromPythonTest::exists))
            .map(List::getFirst)
            .toList();
    List<String> lines = new ArrayList<>(Repository.lines(PAGE));
    lines.replaceAll(line ->
        built.stream().anyMatch(name -> line.startsWith("| " + name + " |"))
            ? line.replaceFirst("(?:; |(?<= ))planned \\|$", Matcher.quoteReplacement(" |"))
            : line);
    Files.write(PAGE, lines);
  }

  @Test
  void everyPublicNameOfAsyncioOccursOnce() {
    List<String> named = rows.stream().flatMap(row -> codes(row.getFirst()).stream()).toList();
    assertThat(named).doesNotHaveDuplicates().containsAll(publicNames());
  }

  @Test
  void rowsAreWellFormed() {
    assertThat(rows)
        .allSatisfy(row -> {
          assertThat(row).as("columns").hasSize(3);
          assertThat(codes(row.get(0))).as("Python name").isNotEmpty();
          if (row.get(1).equals(NOTHING)) {
            assertThat(row.get(2)).as("the reason why there is no Java name").isNotBlank();
            assertThat(isPlanned(row)).as("planned, but nameless").isFalse();
          } else {
            assertThat(codes(row.get(1))).as("Java name").isNotEmpty();
          }
        });
  }

  @Test
  void javaNamesExistUnlessTheyArePlanned() {
    List<String> absent = new ArrayList<>();
    for (List<String> row : rows) {
      if (!isPlanned(row)) {
        codes(row.get(1)).stream().filter(name -> !exists(name)).forEach(absent::add);
      }
    }
    assertThat(absent).as("Java names that do not exist and are not marked planned").isEmpty();
  }

  @Test
  void plannedJavaNamesDoNotExistYet() {
    List<String> present = new ArrayList<>();
    for (List<String> row : rows) {
      if (isPlanned(row)) {
        codes(row.get(1)).stream().filter(FromPythonTest::exists).forEach(present::add);
      }
    }
    assertThat(present)
        .as("Java names that exist: their mark 'planned' can go, see -Dfrom-python.update=true")
        .isEmpty();
  }

  /** The functions and types that the page marks as planned, as a program writes them. */
  static List<String> plannedNames() {
    return Repository.tableRows(PAGE, "").stream()
        .filter(FromPythonTest::isPlanned)
        .flatMap(row -> codes(row.get(1)).stream())
        .map(name -> name.startsWith("Asyncio.") ? name.substring("Asyncio.".length()) : name)
        .filter(name -> !name.contains("."))
        .toList();
  }

  private static boolean isPlanned(List<String> row) {
    return PLANNED.matcher(row.get(2)).find();
  }

  private static List<String> codes(String cell) {
    return CODE.matcher(cell).results().map(code -> code.group(1)).toList();
  }

  private static List<String> publicNames() {
    try (InputStream list =
        Objects.requireNonNull(
            FromPythonTest.class.getResourceAsStream("asyncio-public-names.txt"))) {
      return new String(list.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether {@code name}, a type or a type and a member with a dot between, can be used from
   * outside.
   */
  private static boolean exists(String name) {
    if (findType(name) != null) {
      return true;
    }
    int dot = name.lastIndexOf('.');
    Class<?> type = dot < 0 ? null : findType(name.substring(0, dot));
    return type != null && hasMember(type, name.substring(dot + 1));
  }

  private static @Nullable Class<?> findType(String name) {
    Stream<String> candidates =
        name.startsWith("java.") ? Stream.of(name) : PACKAGES.stream().map(prefix -> prefix + name);
    return candidates
        .flatMap(candidate -> Stream.of(candidate, nested(candidate)))
        .map(FromPythonTest::load)
        .filter(Objects::nonNull)
        .filter(type -> Modifier.isPublic(type.getModifiers()))
        .findFirst()
        .orElse(null);
  }

  /** The binary name if the last part is a nested type. */
  private static String nested(String name) {
    int dot = name.lastIndexOf('.');
    return name.substring(0, dot) + '$' + name.substring(dot + 1);
  }

  private static @Nullable Class<?> load(String name) {
    try {
      return Class.forName(name, false, FromPythonTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  private static boolean hasMember(@Nullable Class<?> type, String name) {
    if (type == null || type == Object.class) {
      return false;
    }
    Stream<Member> members =
        Stream.concat(
            Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredFields()));
    return members.anyMatch(member ->
        member.getName().equals(name)
            && (Modifier.isPublic(member.getModifiers())
                || Modifier.isProtected(member.getModifiers())))
        || hasMember(type.getSuperclass(), name)
        || Arrays.stream(type.getInterfaces()).anyMatch(parent -> hasMember(parent, name));
  }
}
