/** Offers managed nodes: the states and transitions of rclcpp_lifecycle, with its services. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rcljava.lifecycle;
