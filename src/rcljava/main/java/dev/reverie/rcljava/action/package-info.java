/** Offers action servers and clients, over the services and topics that rcl_action names. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rcljava.action;
