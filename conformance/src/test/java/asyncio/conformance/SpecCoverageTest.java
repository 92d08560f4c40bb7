package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Every statement of a finished family has a test, or a reason for not having one;
 * docs/spec/README.md has the rules.
 */
class SpecCoverageTest {
  private static final Path PAGES = Repository.ROOT.resolve("docs/spec");
  private static final List<String> PAGE_NAMES =
      List.of("core.md", "io.md", "sync.md", "heritage.md");

  private static final Pattern STATEMENT = Pattern.compile("^(?:- )?\\*\\*([A-Z]+-\\d+)\\*\\*");
  private static final Pattern COMMENT_OR_STRING =
      Pattern.compile(
          "//[^\\n]*|/\\*.*?\\*/|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\])'",
          Pattern.DOTALL);
  private static final Pattern SPEC = Pattern.compile("@Spec\\s*\\(([^)]*)\\)");
  private static final Pattern STRING = Pattern.compile("\"([^\"]*)\"");
  private static final Pattern DISABLED = Pattern.compile("@Disabled\\b");

  /** Statement to page, in the order of the pages. */
  private final Map<String, String> statements = readStatements();

  /** Statement to the test sources that name it. */
  private final Map<String, Set<Path>> tests = readTests();

  private final Set<String> exceptions = readTable("Exceptions");
  private final Set<String> otherForm = readTable("Met in another form");
  private final Set<String> deferred = readTable("Deferred");

  @Test
  void everyStatementOfAFinishedFamilyHasATestOrAReason() {
    StringBuilder missing = new StringBuilder();
    for (String family : finishedFamilies()) {
      List<String> all =
          statements.keySet().stream().filter(id -> family(id).equals(family)).toList();
      List<String> without =
          all.stream()
              .filter(id ->
                  !tests.containsKey(id) && !exceptions.contains(id) && !deferred.contains(id))
              .toList();
      if (!without.isEmpty()) {
        missing.append(
            "%n%s: %d of %d have neither test nor reason: %s"
                .formatted(family, without.size(), all.size(), String.join(" ", without)));
      }
    }
    printSummary();
    assertThat(missing.toString()).as("statements without test and without reason").isEmpty();
  }

  @Test
  void namedStatementsExist() {
    Map<String, Set<Path>> unknown = new TreeMap<>(tests);
    unknown.keySet().removeAll(statements.keySet());
    assertThat(unknown).as("tests that name statements which do not exist").isEmpty();
    for (Set<String> table : List.of(exceptions, otherForm, deferred)) {
      assertThat(statements.keySet()).as("lines of docs/spec/exceptions.md").containsAll(table);
    }
  }

  @Test
  void exceptedStatementHasNoTest() {
    assertThat(both(exceptions, tests.keySet()))
        .as("excepted, but tested: remove one of the two")
        .isEmpty();
    assertThat(both(exceptions, otherForm))
        .as("in two tables of docs/spec/exceptions.md")
        .isEmpty();
    assertThat(both(exceptions, deferred)).as("in two tables of docs/spec/exceptions.md").isEmpty();
    assertThat(both(otherForm, deferred)).as("in two tables of docs/spec/exceptions.md").isEmpty();
  }

  @Test
  void deferredStatementHasNoTestYet() {
    assertThat(both(deferred, tests.keySet()))
        .as("deferred, but tested: its line can go")
        .isEmpty();
  }

  @Test
  void everyFamilyIsListedWithItsPage() {
    Map<String, String> listed = new LinkedHashMap<>();
    for (List<String> row : Repository.tableRows(PAGES.resolve("families.md"), "")) {
      assertThat(row).hasSize(3);
      assertThat(row.get(2)).as("finished? of " + row.getFirst()).isIn("yes", "no");
      listed.put(row.get(0), row.get(1));
    }
    Map<String, String> found = new LinkedHashMap<>();
    statements.forEach((id, page) -> found.put(family(id), page));
    assertThat(listed).isEqualTo(found);
  }

  @Test
  void specTestIsNeverDisabled() {
    List<Path> disabled =
        tests.values().stream()
            .flatMap(Set::stream)
            .distinct()
            .filter(file -> DISABLED.matcher(code(file)).find())
            .toList();
    assertThat(disabled).as("a disabled test proves nothing").isEmpty();
  }

  private void printSummary() {
    Map<String, int[]> pages = new LinkedHashMap<>();
    statements.forEach((id, page) -> {
      int[] count = pages.computeIfAbsent(page, _ -> new int[4]);
      count[
          tests.containsKey(id)
              ? 0
              : exceptions.contains(id) ? 1 : deferred.contains(id) ? 2 : 3]++;
    });
    pages.forEach((page, n) ->
        System.out.printf(
            "spec coverage: %s: %d tested, %d excepted, %d deferred, %d open%n",
            page, n[0], n[1], n[2], n[3]));
  }

  private static Set<String> both(Set<String> one, Set<String> other) {
    Set<String> both = new LinkedHashSet<>(one);
    both.retainAll(other);
    return both;
  }

  private static String family(String id) {
    return id.substring(0, id.lastIndexOf('-'));
  }

  private static List<String> finishedFamilies() {
    return Repository.tableRows(PAGES.resolve("families.md"), "").stream()
        .filter(row -> row.get(2).equals("yes"))
        .map(List::getFirst)
        .toList();
  }

  private static Map<String, String> readStatements() {
    Map<String, String> found = new LinkedHashMap<>();
    for (String page : PAGE_NAMES) {
      for (String line : Repository.lines(PAGES.resolve(page))) {
        var start = STATEMENT.matcher(line);
        if (start.find()) {
          String before = found.put(start.group(1), page);
          assertThat(before).as("second statement of the name " + start.group(1)).isNull();
        }
      }
    }
    return found;
  }

  private static Set<String> readTable(String heading) {
    Set<String> ids = new LinkedHashSet<>();
    for (List<String> row : Repository.tableRows(PAGES.resolve("exceptions.md"), heading)) {
      assertThat(row).as("columns of the table '" + heading + "'").hasSize(2);
      assertThat(row.get(1)).as("the reason of " + row.getFirst()).isNotBlank();
      assertThat(ids.add(row.getFirst())).as("second line for " + row.getFirst()).isTrue();
    }
    if (!heading.equals("Deferred")) { // which is empty when nothing is left to do
      assertThat(ids).as("the table '" + heading + "'").isNotEmpty();
    }
    return ids;
  }

  private static Map<String, Set<Path>> readTests() {
    Map<String, Set<Path>> found = new TreeMap<>();
    for (Path file : Repository.testSources()) {
      SPEC.matcher(code(file))
          .results()
          .flatMap(use -> STRING.matcher(use.group(1)).results())
          .map(id -> id.group(1))
          .forEach(id ->
              found
                  .computeIfAbsent(id, _ -> new LinkedHashSet<>())
                  .add(Repository.ROOT.relativize(file)));
    }
    return found;
  }

  /** The text of a source file without its comments, so that an example in one is no test. */
  private static String code(Path file) {
    Path absolute = Repository.ROOT.resolve(file);
    return COMMENT_OR_STRING
        .matcher(Repository.read(absolute))
        .replaceAll(
            part -> part.group().startsWith("/") ? " " : Matcher.quoteReplacement(part.group()));
  }
}
