"""Plays a bag as a stock player does: rosbags (PyPI) reads it, rclpy publishes its bytes when they were recorded.

    play_bag.py BAG [--from /recorded/namespace] [--to /namespace] [--topics TOPIC...]

Like `ros2 bag play --clock 100`, which needs rosbag2. By default only what a robot node listens to is played: never
play a recorded joint_trajectory where an arm may hear it.
"""

import argparse
import importlib
import time
from pathlib import Path

import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile
from rosbags.rosbag2 import Reader
from rosgraph_msgs.msg import Clock

INPUTS = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/CameraInfo",
          "sensor_msgs/msg/JointState", "std_msgs/msg/String")
CLOCK_PERIOD = 0.01


def message_class(name):
    package, _, kind = name.split("/")
    return getattr(importlib.import_module(f"{package}.msg"), kind)


def await_listeners(publishers):
    limit = time.monotonic() + 20
    while not all(publisher.get_subscription_count() for publisher in publishers):
        if time.monotonic() > limit:
            silent = [p.topic_name for p in publishers if not p.get_subscription_count()]
            raise SystemExit(f"nobody listens to {silent}")
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bag", type=Path)
    parser.add_argument("--from", dest="source", default="")
    parser.add_argument("--to", dest="target", default="")
    parser.add_argument("--topics", nargs="*")
    arguments = parser.parse_args()

    rclpy.init()
    node = rclpy.create_node("bag_player", namespace=arguments.target or "/")
    clock = node.create_publisher(Clock, f"{arguments.target}/clock", 10)

    with Reader(arguments.bag) as reader:
        played = [c for c in reader.connections
                  if (c.topic in arguments.topics if arguments.topics else c.msgtype in INPUTS)]
        publishers = {}
        for connection in played:
            latched = connection.topic.endswith("/robot_description")
            qos = QoSProfile(depth=10)
            qos.durability = DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE
            topic = arguments.target + connection.topic.removeprefix(arguments.source)
            publishers[connection.id] = node.create_publisher(message_class(connection.msgtype), topic, qos)
        await_listeners([*publishers.values(), clock])

        start, first, now, count = time.monotonic(), None, None, 0

        def tick(nanos):
            clock.publish(Clock(clock=rclpy.time.Time(nanoseconds=nanos).to_msg()))

        for connection, nanos, data in reader.messages(connections=played):
            if first is None:
                first = now = nanos
                tick(now)
            while now < nanos:
                now = min(nanos, now + int(CLOCK_PERIOD * 1e9))
                time.sleep(max(0, start + (now - first) / 1e9 - time.monotonic()))
                tick(now)
            publishers[connection.id].publish(bytes(data))
            count += 1
    time.sleep(0.5)  # the last ones are on their way
    print(count)
    rclpy.shutdown()


main()
