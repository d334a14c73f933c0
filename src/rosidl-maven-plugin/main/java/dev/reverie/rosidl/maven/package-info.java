/** Offers the generator of {@code dev.reverie.rosidl} as a Maven goal. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rosidl.maven;
