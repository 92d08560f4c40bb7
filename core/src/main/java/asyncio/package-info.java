/** Entry points, event loop, futures, tasks, task groups, timeouts and errors. */
package asyncio;
