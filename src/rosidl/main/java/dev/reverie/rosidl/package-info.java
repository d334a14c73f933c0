/** Generates Java records, CDR codecs and views from ROS 2 interface files. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rosidl;
