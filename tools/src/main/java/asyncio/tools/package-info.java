/**
 * The commands of {@code ./asyncio} that look into running programs: {@code ps}, {@code pstree},
 * {@code top}, {@code dump} and {@code cancel}.
 */
package asyncio.tools;
