/** Metrics of event loops for Micrometer. */
package asyncio.micrometer;
