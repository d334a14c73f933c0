"""Writes a bag as somebody else's recorder would: python write_bag.py FOLDER OPTIONS, a JSON object.

Two episodes of two seconds, a second apart; joints at 50 Hz, the front camera at 30 Hz, a compressed one at 15 Hz,
commands at 10 Hz. joints: 0.1 rad a second each, shoulder from -2, elbow from 1, wrist from 0; targets lead by 0.1 s.
"""

import json
import sys
import zlib
from pathlib import Path

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

folder, options = Path(sys.argv[1]), json.loads(sys.argv[2])
store = get_typestore(Stores.ROS2_JAZZY)
T = store.types
NAMES = ["Joint1", "Joint2", "Joint3"]
BEGIN = 1_700_000_000_000_000_000 + options.get("clock_lead", 0)
LEAD = options.get("clock_lead", 0)  # of the bag's clock over that of the stamps


def stamp(nanos):
    nanos = 0 if options.get("zero_stamps") else nanos - LEAD
    return T["builtin_interfaces/msg/Time"](sec=nanos // 10**9, nanosec=nanos % 10**9)


def header(nanos, frame=""):
    return T["std_msgs/msg/Header"](stamp=stamp(nanos), frame_id=frame)


def positions(seconds, scales="scales"):
    scale = 180 / np.pi if options.get("degrees") else np.array(options.get(scales, [1, 1, 1]))  # of rad
    return np.array([-2 + 0.1 * seconds, 1 + 0.1 * seconds, 0.1 * seconds]) * scale


def png(shade):
    def part(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    rows = (b"\0" + bytes([shade] * 3 * 16)) * 16
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", (16).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0")
            + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


messages = []  # log time, topic, type, message


def add(nanos, topic, kind, **fields):
    messages.append((nanos, topic, kind, T[kind](**fields)))


add(BEGIN - 10**9, "/task", "std_msgs/msg/String", data="put it down")
for episode in range(2):
    begin = BEGIN + episode * 3 * 10**9
    add(begin - 10**6, "/recording", "std_msgs/msg/Bool", data=True)
    add(begin + 2 * 10**9 + 10**6, "/recording", "std_msgs/msg/Bool", data=False)
    add(begin + 2 * 10**9 + 2 * 10**6, "/success", "std_msgs/msg/Bool", data=episode == 0)
    for i in range(101):
        at = begin + i * 20_000_000
        names = NAMES[::-1] if i % 2 else NAMES
        values = positions(i / 50)[::-1] if i % 2 else positions(i / 50)
        add(at, "/joint_states", "sensor_msgs/msg/JointState", header=header(at), name=[*names, "finger"],
            position=np.array([*values, 9.0]), velocity=np.array([]), effort=np.array([]))
    for i in range(61):
        at = begin + i * 10**9 // 30
        if i in options.get("lost_images", []):
            continue
        shade = np.full(48 * 64 * 3, 4 * i, dtype=np.uint8)
        add(at, "/front/image_raw", "sensor_msgs/msg/Image", header=header(at, "front"), height=48, width=64,
            encoding="rgb8", is_bigendian=0, step=192, data=shade)
        if i % 2 == 0:
            add(at + 10**6, "/hand_camera/compressed", "sensor_msgs/msg/CompressedImage", header=header(at + 10**6),
                format="png", data=np.frombuffer(png(i), dtype=np.uint8))
    for i in range(20):
        at = begin + i * 100_000_000
        target = positions(i / 10 + 0.1, "command_scales")
        kind = options.get("commands", "trajectory")
        if kind == "trajectory":
            point = T["trajectory_msgs/msg/JointTrajectoryPoint"](
                positions=target, velocities=np.array([]), accelerations=np.array([]), effort=np.array([]),
                time_from_start=T["builtin_interfaces/msg/Duration"](sec=0, nanosec=100_000_000))
            zero = T["std_msgs/msg/Header"](stamp=T["builtin_interfaces/msg/Time"](sec=0, nanosec=0), frame_id="")
            add(at, "/controller/joint_trajectory", "trajectory_msgs/msg/JointTrajectory", header=zero,
                joint_names=NAMES, points=[point])
        elif kind == "array":
            layout = T["std_msgs/msg/MultiArrayLayout"](dim=[], data_offset=0)
            add(at, "/controller/joint_trajectory", "std_msgs/msg/Float64MultiArray", layout=layout,
                data=target[::-1].copy())
        else:
            add(at, "/controller/joint_trajectory", "sensor_msgs/msg/JointState", header=header(at), name=NAMES,
                position=target, velocity=np.array([]), effort=np.array([]))
messages.sort(key=lambda message: message[0])
if options.get("fall_back"):  # the second episode's stamps are the first one's again
    for nanos, _, _, message in messages:
        if hasattr(message, "header") and nanos >= BEGIN + 3 * 10**9 - 10**6 and message.header.stamp.sec:
            message.header.stamp.sec -= 3
leave_out = options.get("leave_out", [])
with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
    connections = {}
    for nanos, topic, kind, message in messages:
        if topic in leave_out:
            continue
        if topic not in connections:
            connections[topic] = writer.add_connection(topic, kind, typestore=store)
        writer.write(connections[topic], nanos, store.serialize_cdr(message, kind))
