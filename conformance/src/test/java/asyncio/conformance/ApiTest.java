package asyncio.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the published modules show to the outside.
 *
 * <p>The public API is checked in as text, so that each change of it is seen in review. After an
 * intended change: {@code mvn -pl conformance -am test -Dtest=ApiTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dasyncio.api.update=true}
 */
class ApiTest {

  @Test
  void coreExportsExactlyItsPublicPackages() {
    assertThat(LibraryModule.named("asyncio").exportedPackages())
        .containsExactly(
            "asyncio", "asyncio.inspect", "asyncio.net", "asyncio.process", "asyncio.sync");
    assertThat(LibraryModule.named("asyncio").descriptor().exports())
        .noneMatch(ModuleDescriptor.Exports::isQualified);
    assertThat(LibraryModule.named("asyncio").descriptor().opens()).isEmpty();
  }

  @Test
  void testkitExportsExactlyItsPublicPackages() {
    assertThat(LibraryModule.named("asyncio.testkit").exportedPackages())
        .containsExactly("asyncio.testkit");
  }

  @Test
  void coreNeedsNothingButTheJdkAtRunTime() {
    assertThat(LibraryModule.named("asyncio").descriptor().requires())
        .filteredOn(requires -> !requires.modifiers().contains(Modifier.STATIC))
        .extracting(ModuleDescriptor.Requires::name)
        .allMatch(name -> name.startsWith("java.") || name.startsWith("jdk."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"asyncio", "asyncio.monitor", "asyncio.testkit"})
  void publicApiMentionsNoHiddenType(String module) {
    assertThat(PublicApi.of(LibraryModule.named(module)))
        .noneMatch(line -> line.contains(".internal."));
  }

  @ParameterizedTest
  @CsvSource({
    "asyncio, core/api/asyncio.api",
    "asyncio.monitor, monitor/api/asyncio.monitor.api",
    "asyncio.testkit, testkit/api/asyncio.testkit.api"
  })
  void publicApiIsTheOneThatIsCheckedIn(String module, String file) throws IOException {
    List<String> actual = PublicApi.of(LibraryModule.named(module));
    Path checkedIn = Repository.ROOT.resolve(file);
    if (Boolean.getBoolean("asyncio.api.update")) {
      Files.createDirectories(checkedIn.getParent());
      Files.write(checkedIn, actual);
    }

    List<String> expected = Repository.lines(checkedIn);
    assertThat(actual)
        .as(
            "public API of %s against %s; if the change is intended, run this test with -Dasyncio.api.update=true",
            module, file)
        .containsExactlyElementsOf(expected);
  }
}
