package dev.reverie.doctor;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rcljava.MessageInfo;
import dev.reverie.rollout.MergedJoints;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gathers the messages of one topic of joint states. */
final class JointGathering {
  private final List<Long> arrivals = new ArrayList<>();
  private final List<Long> stamps = new ArrayList<>();
  private final Map<String, Seen.Joint> joints = new LinkedHashMap<>();
  private int malformed;
  private int unplaced; // with velocities or efforts alone

  synchronized void add(JointState message, MessageInfo info, long nowNanos) {
    arrivals.add(nowNanos);
    stamps.add(Stamps.nanos(message.header().stamp()));
    if (MergedJoints.tellsNoPositions(message)) {
      unplaced++;
      return;
    }
    if (message.name().size() != message.position().length) {
      malformed++;
      return;
    }
    String publisher = info.publisherGid().hex();
    for (int i = 0; i < message.name().size(); i++) {
      double position = message.position()[i];
      Seen.Joint before = joints.get(message.name().get(i));
      Set<String> publishers = before == null ? new HashSet<>() : before.publishers();
      publishers.add(publisher);
      double least = before == null ? Double.POSITIVE_INFINITY : before.least();
      double greatest = before == null ? Double.NEGATIVE_INFINITY : before.greatest();
      boolean finite = Double.isFinite(position);
      joints.put(
          message.name().get(i),
          new Seen.Joint(
              position,
              finite ? Math.min(least, position) : least,
              finite ? Math.max(greatest, position) : greatest,
              finite && (before == null || before.finite()),
              publishers));
    }
  }

  synchronized Seen.Joints seen() {
    return new Seen.Joints(
        new Arrivals(arrivals, stamps),
        new LinkedHashMap<>(joints),
        malformed + (joints.isEmpty() ? unplaced : 0));
  }
}
