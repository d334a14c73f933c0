#!/usr/bin/env python3
"""The robot node's way from observation to command written in rclpy, the peer of bench/latency.py, which starts it.

It hears a joint state and two cameras, puts together what belongs to one instant by the stamps, at each tick adds the
next action of a table to where the arm was asked to be, checks position and velocity, and publishes a JointTrajectory
and a Command. Where a chunk begins it makes the picture of each camera that the policy would see. No inference, no
recording, no motion ahead, no watchdog.
"""

import collections
import os
import sys
import time

import cv2
import numpy as np
import rclpy
from rclpy.qos import qos_profile_sensor_data
from reverie.msg import Command
from sensor_msgs.msg import Image, JointState
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

CAMERAS = ["left", "right"]
SEEN = (160, 120)  # width, height of what the policy sees
TOLERANCE_NANOS = 20_000_000  # the robot node's sync_tolerance_s
BOUND, VELOCITY = 3.0, 3.0  # rad, rad/s: those of the URDF


def nanos(stamp):
    return stamp.sec * 1_000_000_000 + stamp.nanosec


class Matching:
    """Puts joint states and pictures together as the robot node does: the camera that is behind sets the time."""

    def __init__(self):
        self.joints = collections.deque(maxlen=256)
        self.frames = [collections.deque(maxlen=4) for _ in CAMERAS]
        self.taken = 0

    def add(self, source, stamp, message):
        """Takes a joint state (source None) or a camera's picture; returns the observation that it completes."""
        ring = self.joints if source is None else self.frames[source]
        if ring and ring[-1][0] > stamp:
            return None
        ring.append((stamp, message))
        if not self.joints or not all(self.frames):
            return None
        reference = min(ring[-1][0] for ring in self.frames)
        matched = [self.nearest(ring, reference) for ring in (self.joints, *self.frames)]
        if None in matched or matched[0][0] <= self.taken:
            return None
        self.taken = matched[0][0]
        return matched

    @staticmethod
    def nearest(ring, stamp):
        best = min(reversed(ring), key=lambda item: abs(item[0] - stamp))
        return best if abs(best[0] - stamp) <= TOLERANCE_NANOS else None


class Peer:
    def __init__(self, joints, table, period):
        self.joints, self.table, self.period = joints, table, period
        self.matching, self.seen, self.asked, self.executed = Matching(), None, None, 0
        self.due = self.ticked = 0.0
        self.node = rclpy.create_node("robot", enable_rosout=False)
        self.trajectories = self.node.create_publisher(JointTrajectory, "joint_trajectory", 10)
        self.commands = self.node.create_publisher(Command, "~/command", 10)
        listen = self.node.create_subscription
        listen(JointState, "joint_states", lambda m: self.heard(None, m), qos_profile_sensor_data)
        for i, camera in enumerate(CAMERAS):
            listen(Image, f"{camera}/image_raw", lambda m, i=i: self.heard(i, m), qos_profile_sensor_data)

    def heard(self, source, message):
        observation = self.matching.add(source, nanos(message.header.stamp), message)
        now = time.monotonic()
        if observation is None or observation[1:] == self.seen:  # the same pictures with a nearer joint state
            return
        self.seen = observation[1:]
        if now >= self.due - 0.15 * self.period and now - self.ticked >= self.period / 2:
            self.due, self.ticked = max(self.due + self.period, now + self.period / 2), now
            self.tick(*(message for _, message in observation))

    def tick(self, state, *pictures):
        k = self.executed % len(self.table)
        if k == 0:
            self.views = [self.view(picture) for picture in pictures]
        order = [list(state.name).index(joint) for joint in self.joints]
        measured = np.array(state.position)[order]
        if not np.isfinite(measured).all():
            return
        before = measured if self.asked is None else self.asked
        step = VELOCITY * self.period
        target = np.clip(np.clip(before + self.table[k], before - step, before + step), -BOUND, BOUND)
        point = JointTrajectoryPoint(positions=target.tolist(), velocities=[0.0] * len(target))
        point.time_from_start.nanosec = int(self.period * 1e9)
        self.trajectories.publish(JointTrajectory(joint_names=self.joints, points=[point]))
        command = Command(
            tick=self.executed,
            chunk=self.executed // len(self.table),
            action=k,
            source=Command.POLICY,
            joint_names=self.joints,
            measured_positions=measured.tolist(),
            positions=target.tolist(),
        )
        command.header.stamp = state.header.stamp
        self.commands.publish(command)
        self.asked = target
        self.executed += 1

    @staticmethod
    def view(picture):
        if picture.encoding != "rgb8" or len(picture.data) != picture.step * picture.height:
            raise ValueError(f"a picture of {picture.encoding} with {len(picture.data)} bytes")
        rows = np.frombuffer(picture.data, np.uint8).reshape(picture.height, picture.step)
        pixels = rows[:, : picture.width * 3].reshape(picture.height, picture.width, 3)
        return cv2.resize(pixels, SEEN, interpolation=cv2.INTER_AREA)


def main():
    """Arguments: the period in seconds, a file with the table (.npy), and the joints."""
    period, table, *joints = rclpy.utilities.remove_ros_args(sys.argv)[1:]
    cv2.setNumThreads(1)
    rclpy.init()
    try:
        rclpy.spin(Peer(joints, np.load(table), float(period)).node)
    except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        os._exit(0)


if __name__ == "__main__":
    main()
