/**
 * A loop with virtual time, and the JUnit extension that runs a test as a task and checks what it
 * leaves behind.
 */
package asyncio.testkit;
