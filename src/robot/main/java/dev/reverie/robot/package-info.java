/**
 * The node beside the arm: senses, acts in control ticks, records, swaps policies.
 *
 * <p>{@link dev.reverie.robot.RobotNode} is the managed node; once configured it holds a {@link
 * dev.reverie.robot.Robot}, which puts the parts together. {@link dev.reverie.robot.Inputs} hand
 * what comes to {@code sense} and to the loop in {@code control}, which decides and sends by {@code
 * motion}; {@code swap} has the policies, {@code record} the bags, {@code setup} the parameters.
 * Decisions are returned; only what arrives later (a chunk, a loaded policy) comes by a callback.
 *
 * <p>Threads:
 *
 * <ul>
 *   <li>The control thread is the executor's: subscriptions, services, the action and every
 *       decision. All that is not said to be another thread's is for this one. It waits for nobody.
 *   <li>{@code ticker} wakes it some times a period, for ticks that are overdue.
 *   <li>{@code inference} runs the policy ({@link dev.reverie.robot.swap.Inference}); what it gives
 *       goes back to the control thread.
 *   <li>{@code recorder} writes the bags ({@link dev.reverie.robot.record.BagThread}), from a
 *       bounded queue.
 *   <li>{@code policy-loader} checks, loads, warms up and frees policies ({@link
 *       dev.reverie.robot.swap.PolicySwap}).
 * </ul>
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.robot;
