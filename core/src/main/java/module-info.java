import org.jspecify.annotations.NullMarked;

/** asyncio (PEP 3156) on the JVM: an event loop whose tasks are virtual threads. */
@NullMarked
module asyncio {
  requires static java.management;
  requires static jdk.jfr;
  requires static jdk.management;
  requires static org.jspecify;
  requires static jdk.unsupported;

  exports asyncio;
  exports asyncio.inspect;
  exports asyncio.net;
  exports asyncio.process;
  exports asyncio.sync;
}
