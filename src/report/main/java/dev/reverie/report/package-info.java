/**
 * What the tools that judge policies share: intervals, charts and pages, and the commands that they
 * start. Nothing here knows of ROS 2, of bags or of policies.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.report;
