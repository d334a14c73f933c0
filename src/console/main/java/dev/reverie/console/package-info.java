/**
 * A person looks at the arm and steers the loop in a browser: {@link
 * dev.reverie.console.ConsoleCommand}. A process of its own that speaks to the robot node as any
 * client does, so that the control path never waits for a page.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.console;
