/**
 * Intervals, charts and pages for the tools that judge policies, and the commands that these tools
 * start. Nothing here knows of ROS 2, of bags or of policies.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.report;
