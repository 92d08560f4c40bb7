/**
 * The interactive shell of {@code ./asyncio repl}: JShell, whose snippets are tasks of one loop.
 */
package asyncio.tools.repl;
