package asyncio.examples;

import static java.nio.file.Files.createDirectories;
import static java.nio.file.Files.createSymbolicLink;
import static java.nio.file.Files.readString;
import static java.nio.file.Files.writeString;
import static org.assertj.core.api.Assertions.assertThat;

import asyncio.examples.Launcher.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher, from the outside. */
class LauncherTest {
  @TempDir Path folder;

  private final Launcher launcher = new Launcher();

  private Path program(String name, String source) throws IOException {
    createDirectories(folder.resolve(name).getParent());
    return writeString(folder.resolve(name), source);
  }

  @Nested
  class Running {
    @Test
    void theExitCodeIsTheProgramsOwn() throws Exception {
      Result result = launcher.run("run", program("Exit.java", "void main() { System.exit(7); }"));
      assertThat(result).isEqualTo(new Result(7, "", ""));
    }

    @Test
    void aProgramSeesTheLibraryAndItsFastEngine() throws Exception {
      Path file =
          program(
              "Uses.java", "import asyncio.*;\nvoid main() { IO.println(Engine.preferred()); }");
      assertThat(launcher.run("run", file)).isEqualTo(new Result(0, "DIRECT\n", ""));
    }

    @Test
    void standardInputReachesTheProgram() throws Exception {
      Path file =
          program("Echo.java", "void main() { IO.println(IO.readln() + '/' + IO.readln()); }");
      assertThat(launcher.input("one\ntwo\n").run("run", file).out()).isEqualTo("one/two\n");
    }

    @Test
    void argumentsArriveAsTheyWereGiven() throws Exception {
      Path file =
          program(
              "Args.java",
              "void main(String[] args) { for (var a : args) IO.println('<' + a + '>'); }");
      Result result = launcher.run("run", file, "two words", "", "*", "-p", "$HOME", "@x");
      assertThat(result.out().lines())
          .containsExactly("<two words>", "<>", "<*>", "<-p>", "<$HOME>", "<@x>");
    }

    @Test
    void optionsBeforeTheFileAreForTheJvm() throws Exception {
      Path file =
          program(
              "Options.java",
              "void main() { IO.println(System.getProperty(\"x\") + Runtime.getRuntime().maxMemory() / 1024 / 1024); }");
      Result result =
          launcher.run(
              "run", "-Xmx64m", "-XX:+UseSerialGC", "-Dx=y z ", "-cp", "a b", file, "-Dx=no");
      assertThat(result.out()).startsWith("y z 6").hasSize(7);
    }

    @Test
    void aModulePathOfTheUserIsAddedToTheLibrarys() throws Exception {
      Path file = program("Path.java", "void main() { IO.println(asyncio.Engine.preferred()); }");
      Result result =
          launcher.run("run", "-p", folder.resolve("none"), "--module-path=" + folder, file);
      assertThat(result).isEqualTo(new Result(0, "DIRECT\n", ""));
    }

    @Test
    void aScriptWithAnInterpreterLineRuns() throws Exception {
      Path file =
          program("script", "#!/usr/bin/env -S asyncio run\nvoid main() { IO.println(1); }\n");
      assertThat(launcher.run("run", file)).isEqualTo(new Result(0, "1\n", ""));
    }

    @Test
    void anUncaughtExceptionEndsWithOne() throws Exception {
      Result result =
          launcher.run(
              "run", program("Bad.java", "void main() { throw new RuntimeException(\"oops\"); }"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("oops").contains("Bad.java:1");
    }

    @Test
    void aCompileErrorIsShownWithItsLine() throws Exception {
      Result result = launcher.run("run", program("Wrong.java", "void main() { int x = true; }"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("Wrong.java:1: error: incompatible types");
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void signalsReachTheProgram(String signal, int exitCode) throws Exception {
      Path ready = folder.resolve("ready");
      Path file =
          program(
              "Waits.java",
              """
              void main(String[] args) throws Exception {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
                java.nio.file.Files.createFile(java.nio.file.Path.of(args[0]));
                Thread.sleep(60_000);
              }
              """);
      Process process = launcher.start(folder, "run", file, ready);
      while (!Files.exists(ready)) {
        assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
            .as("ended before it was ready")
            .isFalse();
      }

      new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + process.pid()).start().waitFor();

      assertThat(process.waitFor()).isEqualTo(exitCode);
      assertThat(folder.resolve("out")).hasContent("hook\n");
    }

    @Test
    void itWorksThroughLinksAndFromAnotherFolder() throws Exception {
      program("Here.java", "void main() { IO.println(System.getProperty(\"user.dir\")); }");
      Path bin = createDirectories(folder.resolve("a b/bin"));
      createSymbolicLink(bin.resolve("first"), Launcher.ROOT.resolve("asyncio"));
      createSymbolicLink(folder.resolve("second"), Path.of("a b/bin/first"));
      Result result = launcher.script(folder.resolve("second")).in(folder).run("run", "Here.java");
      Files.delete(bin.resolve("first")); // JUnit warns of links that lead out of its folder
      assertThat(result).isEqualTo(new Result(0, folder.toRealPath() + "\n", ""));
    }
  }

  @Nested
  class Mistakes {
    @Test
    void aMissingFileIsNamed() throws Exception {
      Result result = launcher.run("run", folder.resolve("Nope.java"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err())
          .isEqualTo("asyncio: no such file: " + folder.resolve("Nope.java") + "\n");
    }

    @Test
    void aForgottenEndingIsSuggested() throws Exception {
      Path file = program("There.java", "void main() {}");
      Result result = launcher.run("run", folder.resolve("There"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("but there is " + file);
    }

    @Test
    void aFolderIsNoProgram() throws Exception {
      assertThat(launcher.run("run", folder).err()).contains("is a folder");
    }

    @ParameterizedTest
    @CsvSource({
      "run, run needs a source file",
      "fly, unknown command: fly",
      "Hello.java, ./asyncio run Hello.java"
    })
    void badUseIsExplained(String argument, String message) throws Exception {
      Result result = launcher.run(argument);
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err()).contains(message);
    }

    @Test
    void aModuleDescriptorBesideTheFileIsExplained() throws Exception {
      program("module-info.java", "module other {}");
      Result result = launcher.run("run", program("Main.java", "void main() {}"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("has a module-info.java").contains("requires asyncio;");
    }

    @Test
    void aModuleDescriptorThatReadsTheLibraryIsFine() throws Exception {
      program("module-info.java", "module other {\n  requires transitive asyncio;\n}");
      Path file =
          program(
              "p/Main.java",
              "package p;\npublic class Main { static void main() { IO.println(asyncio.Engine.PORTABLE); } }");
      assertThat(launcher.run("run", file)).isEqualTo(new Result(0, "PORTABLE\n", ""));
    }

    @Test
    void aPackageThatDoesNotMatchTheFolderIsExplained() throws Exception {
      Path file =
          program(
              "x/Main.java",
              "// a comment\n/* package wrong; */ package a.b ;\nclass Main { void main() {} }");
      Result result = launcher.run("run", file);
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("package a.b;").contains("end in a/b");
    }

    @Test
    void aPackageThatMatchesTheFolderIsFine() throws Exception {
      Path file =
          program(
              "a/b/Main.java",
              "/* one\n*/ package a.b;\nclass Main { void main() { IO.println(1); } }");
      assertThat(launcher.in(folder.resolve("a")).run("run", "b/Main.java"))
          .isEqualTo(new Result(0, "1\n", ""));
      assertThat(launcher.run("run", file)).isEqualTo(new Result(0, "1\n", ""));
    }

    @Test
    void theWordPackageInACommentIsNoPackage() throws Exception {
      Path file =
          program(
              "Main.java", "/*\npackage a.b;\n*/\nvoid main() { IO.println(1); }\n// package c;\n");
      assertThat(launcher.run("run", file)).isEqualTo(new Result(0, "1\n", ""));
    }
  }

  @Nested
  class Help {
    @Test
    void helpNamesTheCommands() throws Exception {
      Result result = launcher.run("--help");
      assertThat(result.exitCode()).isZero();
      assertThat(result.out())
          .contains(
              "run [JVM-OPTIONS…] FILE.java",
              "test",
              "repl",
              "pstree PID",
              "bench",
              "ASYNCIO_JAVA_HOME");
      assertThat(result.err()).isEmpty();
    }

    @Test
    void noArgumentsShowTheHelpAsAnError() throws Exception {
      Result result = launcher.run();
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err()).isEqualTo(launcher.run("--help").out());
    }

    @Test
    void versionNamesTheLibraryAndTheJdk() throws Exception {
      Result result = launcher.run("--version");
      assertThat(result.exitCode()).isZero();
      assertThat(result.out()).matches("asyncio \\d+\\.\\d+\\.\\d+\\S* \\(JDK 25\\S* in /.*\\)\n");
    }
  }

  @Nested
  class FindingTheJdk {
    private Launcher bare() throws IOException {
      return launcher
          .without("ASYNCIO_JAVA_HOME")
          .with("PATH", bareTools())
          .with("ASYNCIO_JDK_FOLDERS", folder.resolve("jdks").toString());
    }

    private Path fakeJdk(String name, String version) throws IOException {
      Path home = createDirectories(folder.resolve("jdks").resolve(name));
      writeString(
          home.resolve("release"),
          "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"" + version + "\"\nOS_NAME=\"Linux\"\n");
      createDirectories(home.resolve("bin"));
      for (String tool : List.of("java", "javac")) {
        executable(home.resolve("bin").resolve(tool), "#!/bin/sh\necho " + name + "\n");
      }
      return home;
    }

    private Path program() throws IOException {
      return LauncherTest.this.program("Empty.java", "void main() {}");
    }

    @Test
    void withoutAnyTheMessageSaysWhatToInstallAndHowToPointToIt() throws Exception {
      Result result = bare().run("run", program());
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).isEmpty();
      assertThat(result.err())
          .startsWith("asyncio: no JDK 25 or newer found.")
          .contains(
              "apt install openjdk-25-jdk", "https://adoptium.net", "export ASYNCIO_JAVA_HOME=");
    }

    @Test
    void whatWasLookedAtAndWhyItWillNotDoIsListed() throws Exception {
      Path old = fakeJdk("java-17", "17.0.1");
      Path jre = fakeJdk("jre-25", "25.0.1");
      Files.delete(jre.resolve("bin/javac"));
      Result result = bare().with("JAVA_HOME", old.toString()).run("run", program());
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err())
          .contains("$JAVA_HOME " + old + ": JDK 17.0.1, but 25 or newer is needed")
          .contains(jre + ": Java 25.0.1 without bin/javac");
    }

    @Test
    void anExplicitChoiceThatWillNotDoIsAnError() throws Exception {
      Path old = fakeJdk("java-17", "17.0.1");
      fakeJdk("java-25", "25");
      Result result = bare().with("ASYNCIO_JAVA_HOME", old.toString()).run("run", program());
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).startsWith("asyncio: ASYNCIO_JAVA_HOME=" + old + ": JDK 17.0.1");
    }

    @Test
    void javaHomeGoesBeforePathAndPathBeforeTheFolders() throws Exception {
      Path home = fakeJdk("home", "25.0.2");
      Path onPath = fakeJdk("path", "26-ea");
      fakeJdk("a", "25.0.1");
      assertThat(bare().run("run", program()).out()).isEqualTo("a\n");

      createSymbolicLink(folder.resolve("tools/java"), onPath.resolve("bin/java"));
      assertThat(launcher.run("run", program()).out()).isEqualTo("path\n");
      assertThat(launcher.with("JAVA_HOME", home.toString()).run("run", program()).out())
          .isEqualTo("home\n");
    }

    @Test
    void inTheFoldersTheReleaseOfTheLibraryGoesBeforeNewerOnes() throws Exception {
      fakeJdk("a-26", "26.0.1");
      assertThat(bare().run("run", program()).out()).isEqualTo("a-26\n");
      fakeJdk("b-25", "25.0.1");
      fakeJdk("c-26", "26.0.1");
      assertThat(launcher.run("run", program()).out()).isEqualTo("b-25\n");
    }
  }

  @Nested
  class Building {
    private static final String VERSION = "0.1.0-TEST";

    /** A copy of the launcher in a small tree of its own, with a stand-in for Maven. */
    private Launcher inATreeOfItsOwn(String maven) throws IOException {
      Path root = createDirectories(folder.resolve("tree"));
      Files.copy(
          Launcher.ROOT.resolve("asyncio"),
          root.resolve("asyncio"),
          StandardCopyOption.COPY_ATTRIBUTES);
      writeString(
          root.resolve("pom.xml"),
          "<?xml version=\"1.0\"?>\n<project>\n  <version>" + VERSION + "</version>\n</project>\n");
      createDirectories(root.resolve("core/src/main/java"));
      writeString(root.resolve("core/pom.xml"), "<project/>");
      writeString(root.resolve("core/src/main/java/A.java"), "class A {}");
      Path bin = createDirectories(folder.resolve("bin"));
      executable(
          bin.resolve("mvn"),
          "#!/bin/sh\necho \"$@\" >> " + folder.resolve("calls") + "\n" + maven);
      return launcher
          .without("ASYNCIO_MODULE_PATH")
          .with("CLASSES", Launcher.libraryClasses().toString())
          .with("PATH", bin + ":" + System.getenv("PATH"))
          .script(root.resolve("asyncio"))
          .in(folder);
    }

    /** Packs the classes of this build; whether they are a folder or a jar. */
    private static final String WORKING_MAVEN =
        """
        cat > /dev/null
        echo '[INFO] --- maven-compiler-plugin:0:compile (default-compile) @ asyncio-core ---'
        mkdir -p core/target
        jar=core/target/asyncio-core-0.1.0-TEST.jar
        if [ -d "$CLASSES" ]; then "$JAVA_HOME/bin/jar" --create --file $jar -C "$CLASSES" .; else cp "$CLASSES" $jar; fi
        printf '[INFO] BUILD SUCCESS'
        """;

    private long calls() throws IOException {
      return readString(folder.resolve("calls")).lines().count();
    }

    @Test
    void theLibraryIsBuiltOnFirstUseAndAfterAChangeOnly() throws Exception {
      Path file =
          program(
              "In.java", "void main() { IO.println(IO.readln() + asyncio.Engine.preferred()); }");
      Launcher copy = inATreeOfItsOwn(WORKING_MAVEN).input("in\n");

      Result first = copy.run("run", file);
      assertThat(first.exitCode()).isZero();
      assertThat(first.out()).isEqualTo("inDIRECT\n");
      assertThat(first.err()).contains("Building the library", "compiling asyncio-core", "Done.");
      assertThat(calls()).isEqualTo(1);

      assertThat(copy.run("run", file)).isEqualTo(new Result(0, "inDIRECT\n", ""));
      assertThat(calls()).isEqualTo(1);

      Path source = folder.resolve("tree/core/src/main/java/A.java");
      Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
      assertThat(copy.run("run", file).err()).contains("Building the library");
      assertThat(calls()).isEqualTo(2);
    }

    @Test
    void ofTwoAtTheSameTimeOneBuilds() throws Exception {
      Path file = program("P.java", "void main() { IO.println(1); }");
      Launcher copy = inATreeOfItsOwn("sleep 2\n" + WORKING_MAVEN);
      Process first = copy.start(createDirectories(folder.resolve("one")), "run", file);
      Process second = copy.start(createDirectories(folder.resolve("two")), "run", file);
      first.getOutputStream().close();
      second.getOutputStream().close();
      assertThat(List.of(first.waitFor(), second.waitFor())).containsExactly(0, 0);
      assertThat(calls()).isEqualTo(1);
      assertThat(folder.resolve("tree/target/launcher-lock")).doesNotExist();
    }

    @Test
    void aLockWhoseOwnerIsGoneIsTakenOver() throws Exception {
      Launcher copy = inATreeOfItsOwn(WORKING_MAVEN);
      Process gone = new ProcessBuilder("true").start();
      gone.waitFor();
      Path lock = createDirectories(folder.resolve("tree/target/launcher-lock"));
      writeString(lock.resolve("pid"), gone.pid() + "\n");
      assertThat(copy.run("run", program("P.java", "void main() { IO.println(1); }")).out())
          .isEqualTo("1\n");
    }

    @Test
    void aFailedBuildShowsTheEndOfItsLog() throws Exception {
      Launcher copy = inATreeOfItsOwn("echo '[ERROR] it broke here'; exit 3\n");
      Result result = copy.run("run", program("P.java", "void main() {}"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).isEmpty();
      assertThat(result.err())
          .contains("[ERROR] it broke here", "mvn exited with 3", "launcher-build.log");
      assertThat(folder.resolve("tree/target/launcher-lock")).doesNotExist();
    }

    @Test
    void withoutMavenTheMessageSaysWhatToInstall() throws Exception {
      Launcher copy = inATreeOfItsOwn("").with("PATH", bareTools());
      Result result = copy.run("run", program("P.java", "void main() {}"));
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.err()).contains("mvn not found", "apt install maven");
    }

    /** A stand-in for Maven that leaves one report behind. */
    private String reporting(String attributes, String cases) {
      return """
      mkdir -p core/target/surefire-reports
      cat > core/target/surefire-reports/TEST-a.xml <<END
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite xmlns:xsi="x" name="a.B" time="1.5" %s>
      %s
      </testsuite>
      END
      """
          .formatted(attributes, cases);
    }

    @Test
    void theTestsAreCountedOverAllReports() throws Exception {
      Launcher copy =
          inATreeOfItsOwn(reporting("tests=\"12\" errors=\"0\" skipped=\"2\" failures=\"0\"", ""));
      Path old = folder.resolve("tree/testkit/target/surefire-reports/TEST-old.xml");
      createDirectories(old.getParent());
      writeString(old, "<testsuite name=\"old\" tests=\"5\" errors=\"5\"/>\n");

      Result result = copy.run("test");

      assertThat(result.exitCode()).isZero();
      assertThat(result.out()).endsWith("\n10 passed, 0 failed, 2 skipped\n");
    }

    @Test
    void failuresAndErrorsAreCountedAndFlakesNamed() throws Exception {
      Launcher copy =
          inATreeOfItsOwn(
              reporting(
                  "tests=\"30\" errors=\"4\" skipped=\"0\" failures=\"6\"",
                  "<testcase name=\"c\" classname=\"a.B\" time=\"0.1\">\n<flakyError type=\"x\">"));
      Result result = copy.run("test");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out())
          .endsWith(
              "\nflaky, passed only when run again: a.B.c\n20 passed, 10 failed, 0 skipped\n");
    }

    @Test
    void noTestAtAllIsAFailure() throws Exception {
      Result result = inATreeOfItsOwn("").run("test");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.out()).endsWith("0 passed, 0 failed, 0 skipped\n");
      assertThat(result.err()).contains("no test ran");
    }

    @Test
    void aBuildThatEndsEarlyIsAFailureWhateverWasCounted() throws Exception {
      String maven = reporting("tests=\"1\" errors=\"0\" skipped=\"0\" failures=\"0\"", "");
      Result result = inATreeOfItsOwn(maven + "exit 7\n").run("test");
      assertThat(result.exitCode()).isEqualTo(7);
      assertThat(result.err()).contains("mvn exited with 7");
    }

    @Test
    void anInterruptDuringTheBuildEndsIt() throws Exception {
      Launcher copy = inATreeOfItsOwn("touch " + folder.resolve("building") + "\nexec sleep 30\n");
      // setsid makes the processes a group of their own, as a terminal does with each command.
      Process process =
          copy.script(Path.of("/usr/bin/setsid"))
              .start(
                  folder,
                  folder.resolve("tree/asyncio"),
                  "run",
                  program("P.java", "void main() {}"));
      while (!Files.exists(folder.resolve("building"))) {
        assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
            .as("ended before the build began")
            .isFalse();
      }

      new ProcessBuilder("sh", "-c", "kill -s INT -- -" + process.pid()).start().waitFor();

      assertThat(process.waitFor()).isEqualTo(130);
      assertThat(folder.resolve("tree/target/launcher-lock")).doesNotExist();
    }
  }

  /** A PATH with the tools that the launcher uses, but without java and mvn. */
  private String bareTools() throws IOException {
    Path tools = createDirectories(folder.resolve("tools"));
    for (String tool : List.of("dirname", "readlink", "find", "head", "awk", "grep", "tr")) {
      executable(tools.resolve(tool), "#!/bin/sh\nPATH=/usr/bin:/bin\nexec " + tool + " \"$@\"\n");
    }
    return tools.toString();
  }

  private static void executable(Path file, String script) throws IOException {
    writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
