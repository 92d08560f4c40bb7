package asyncio.conformance.net;

import static asyncio.Asyncio.await;
import static asyncio.Asyncio.wrapFuture;
import static org.junit.jupiter.api.Assumptions.abort;

import asyncio.Suspends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs of other people's that may be installed here. */
final class OtherPrograms {
  private OtherPrograms() {}

  static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  /** The command of a CPython that is new enough; skips the test if there is none. */
  static String python() throws InterruptedException {
    for (String name : List.of("python3", "python3.14", "python3.13", "python3.12")) {
      if (succeeds(name, "-c", "import sys; sys.exit(sys.version_info < (3, 12))")) {
        return name;
      }
    }
    return abort("no CPython 3.12 on the path");
  }

  /** The command of an OpenSSL with TLS 1.3; skips the test if there is none. */
  static String openssl() throws InterruptedException {
    return succeeds("openssl", "ciphers", "-tls1_3", "-s")
        ? "openssl"
        : abort("no OpenSSL with TLS 1.3 on the path");
  }

  /** Runs a program to its end without holding up the loop, and gives what it prints. */
  @Suspends
  static String run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    await(wrapFuture(process.onExit()));
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
