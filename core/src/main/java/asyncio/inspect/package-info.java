/** What is going on inside the loops of this process: for people, and for tools that show it. */
package asyncio.inspect;
