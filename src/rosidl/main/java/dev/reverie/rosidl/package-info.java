/** ROS 2 interface files to Java records and CDR codecs. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rosidl;
