/**
 * Offers a ROS 2 client over the real librcl, by the foreign function and memory API.
 *
 * <pre>{@code
 * try (Context context = Context.init(args)) {
 *   Node node = context.createNode("repeater");
 *   Publisher<Image> out = node.createPublisher(Image.TYPE, "out", Qos.SENSOR_DATA);
 *   node.createSubscription(Image.TYPE, "in", Qos.SENSOR_DATA, image -> out.publish(image));
 *   Executor executor = new Executor(context);
 *   executor.add(node);
 *   executor.spin();
 * }
 * }</pre>
 *
 * <p>Callbacks run on the thread that spins the {@link dev.reverie.rcljava.Executor}; everything
 * that publishes, calls or responds may be used from any thread.
 *
 * <p>Where garbage matters, {@link dev.reverie.rcljava.Node#createViewSubscription} and {@link
 * dev.reverie.rcljava.Node#createViewPublisher} work on messages where they lie as CDR and allocate
 * nothing a message; records are for convenience.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.rcljava;
