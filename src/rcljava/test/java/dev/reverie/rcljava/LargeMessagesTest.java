package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.PointCloud2;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.testing.Prepared;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Large messages and small ones by turns, whatever way the middleware hands them over. */
@Prepared
class LargeMessagesTest {
  private static final int[] SIZES = {10, 1 << 20, 100_000, 3, 0, 6 << 20, 40_000, 200, 1 << 20};

  @Test
  void eachSubscriptionGetsEveryMessageAsItWas() throws Exception {
    try (var ros = new TestRos()) {
      Qos qos = Qos.reliable(20);
      List<Image> records = Collections.synchronizedList(new ArrayList<>());
      List<Image> views = Collections.synchronizedList(new ArrayList<>());
      List<Image> cdrs = Collections.synchronizedList(new ArrayList<>());
      List<MemorySegment> slices = Collections.synchronizedList(new ArrayList<>());
      ros.node.createSubscription(Image.TYPE, "images", qos, image -> records.add(image));
      ros.node.createViewSubscription(
          Image.VIEW,
          "images",
          qos,
          SubscriptionOptions.DEFAULT,
          (view, origin) -> {
            MemorySegment slice = view.data().bytes();
            Image image = Image.TYPE.decode(view);
            assertEquals(
                -1, slice.mismatch(MemorySegment.ofArray(image.data())), "what the slice shows");
            slices.add(slice);
            views.add(image);
          });
      ros.node.createSerializedSubscription(
          Image.TYPE.name(),
          "images",
          qos,
          SubscriptionOptions.DEFAULT,
          (cdr, info) -> cdrs.add(Image.TYPE.decode(cdr)));
      PolledSubscription<Image> polled = ros.node.createSubscription(Image.TYPE, "images", qos);
      Publisher<Image> publisher = ros.node.createPublisher(Image.TYPE, "images", qos);
      ros.await("matched", () -> publisher.subscriptionCount() == 4);

      List<Image> sent = images();
      for (Image image : sent) {
        publisher.publish(image);
        int wanted = sent.indexOf(image) + 1;
        ros.await("taken", () -> views.size() == wanted && records.size() == wanted);
      }
      ros.await("all", () -> cdrs.size() == sent.size());
      assertEquals(sent, records);
      assertEquals(sent, views);
      assertEquals(sent, cdrs);
      for (Image image : sent) {
        assertEquals(image, polled.take().orElseThrow());
      }
      for (MemorySegment slice : slices) {
        assertFalse(slice.scope().isAlive(), "a slice outlives its message");
      }
    }
  }

  private static List<Image> images() {
    var random = new Random(1);
    var images = new ArrayList<Image>();
    for (int size : SIZES) {
      byte[] pixels = new byte[size];
      random.nextBytes(pixels);
      images.add(
          new Image()
              .withHeader(new Header().withFrameId("camera " + images.size()))
              .withEncoding("mono8")
              .withStep(size)
              .withData(pixels));
    }
    return images;
  }

  @Test
  void largeByAnArrayMeansTakenInAStructure() {
    PointCloud2 cloud = new PointCloud2().withData(new byte[100_000]);
    try (var large = new LargeMessages(PointCloud2.TYPE.name(), true)) {
      assertNull(large.structure());
      large.came(100);
      assertNull(large.structure());
      large.came(100_000);
      takes(large, PointCloud2.TYPE, cloud);
      Structure again = takes(large, PointCloud2.TYPE, cloud);
      assertNotNull(again);
      takes(large, PointCloud2.TYPE, new PointCloud2());
      assertNull(large.structure(), "after a small one");
      large.came(100_000);
      assertEquals(again, large.structure());
    }
    try (var serialized = new LargeMessages(PointCloud2.TYPE.name(), false)) {
      serialized.came(100_000);
      assertNull(serialized.structure());
    }
  }

  @Test
  void largeByManyFieldsMeansTakenAsCdr() {
    List<JointTrajectoryPoint> points =
        Collections.nCopies(2000, new JointTrajectoryPoint().withPositions(new double[6]));
    JointTrajectory trajectory = new JointTrajectory().withPoints(points);
    try (var large = new LargeMessages(JointTrajectory.TYPE.name(), true)) {
      large.came(200_000);
      takes(large, JointTrajectory.TYPE, trajectory);
      large.came(200_000);
      assertNull(large.structure());
    }
  }

  private static <T> Structure takes(LargeMessages large, MessageType<T> type, T message) {
    Structure structure = large.structure();
    assertTrue(structure != null);
    structure.set(type, message);
    structure.read();
    large.came(structure);
    return structure;
  }
}
