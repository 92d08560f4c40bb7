/** Benchmarks of the library beside its limits and its peers. */
@org.jspecify.annotations.NullMarked
package asyncio.bench;
