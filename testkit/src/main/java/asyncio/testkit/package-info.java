/** A loop with virtual time and the JUnit extension that runs a test as a task. */
package asyncio.testkit;
