import org.jspecify.annotations.NullMarked;

/** Tests of asyncio programs: virtual time, leak checks and a JUnit extension. */
@NullMarked
module asyncio.testkit {
  requires transitive asyncio;
  requires static org.jspecify;
  requires static transitive org.junit.jupiter.api;

  exports asyncio.testkit;
}
