/**
 * Ways in which what the arm is asked to do reaches its controller, and what brings it to rest when
 * the control thread, or the whole process, does not go on.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot.motion;
