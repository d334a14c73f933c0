"""Writes a rollout by rosbags (PyPI), from the definitions in msg/: arguments are the folder msg/ and the bag."""

import sys
from pathlib import Path

import numpy as np
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

definitions, bag = map(Path, sys.argv[1:])
store = get_typestore(Stores.ROS2_JAZZY)
for name in ["Outcome", "Episode", "Command", "ActionChunk"]:
    store.register(get_types_from_msg((definitions / f"{name}.msg").read_text(), f"reverie/msg/{name}"))
types = store.types
Time, Duration, Header = (types[name] for name in [
    "builtin_interfaces/msg/Time", "builtin_interfaces/msg/Duration", "std_msgs/msg/Header"])
period = 100_000_000


def header(nanos, frame=""):
    return Header(stamp=Time(sec=nanos // 10**9, nanosec=nanos % 10**9), frame_id=frame)


def episode(event, outcome, stamp):
    return types["reverie/msg/Episode"](
        header=header(stamp), event=event, episode_id="from_python", instruction="reach the red ball", source="policy",
        policy_id="ab" * 32, temperature=1.0, seed=2**63 + 5,
        outcome=types["reverie/msg/Outcome"](header=header(stamp), outcome=outcome, labeller="python", reason=""),
        configuration="{}")


with Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
    connections = {topic: writer.add_connection(topic, msgtype, typestore=store) for topic, msgtype in {
        "/camera/image_raw": "sensor_msgs/msg/Image", "/joint_states": "sensor_msgs/msg/JointState",
        "/robot/command": "reverie/msg/Command", "/robot/action_chunk": "reverie/msg/ActionChunk",
        "/robot/episode": "reverie/msg/Episode"}.items()}

    def write(topic, message, nanos):
        writer.write(connections[topic], nanos, store.serialize_cdr(message, connections[topic].msgtype))

    first = 10**9
    write("/robot/episode", episode(0, 0, 0), first)
    for t in range(6):
        stamp = first + t * period
        pixels = np.full(4 * 4 * 3, t, dtype=np.uint8)
        write("/camera/image_raw", types["sensor_msgs/msg/Image"](
            header=header(stamp, "camera"), height=4, width=4, encoding="rgb8", is_bigendian=0, step=12, data=pixels),
            stamp)
        write("/joint_states", types["sensor_msgs/msg/JointState"](
            header=header(stamp), name=["elbow", "shoulder"], position=np.array([t + 0.5, t + 0.25]),
            velocity=np.array([]), effort=np.array([])), stamp)
        if t == 5:
            break
        if t % 4 == 0:
            write("/robot/action_chunk", types["reverie/msg/ActionChunk"](
                header=header(stamp), episode_id="from_python", index=t // 4, source="policy", policy_id="ab" * 32,
                instruction="reach the red ball", observation_stamps=[], period=Duration(sec=0, nanosec=period),
                horizon=4, action_dim=2, actions=np.arange(8, dtype=np.float32) / 8 + t,
                tokens=np.array([], dtype=np.int32), log_probabilities=np.array([], dtype=np.float32), temperature=1.0,
                seed=1, latency=Duration(sec=0, nanosec=0), inference=Duration(sec=0, nanosec=0)), stamp)
        write("/robot/command", types["reverie/msg/Command"](
            header=header(stamp), episode_id="from_python", tick=t, chunk=t // 4, action=t % 4, source="policy",
            joint_names=["shoulder", "elbow"], measured_positions=np.array([0.0, 0.0]), positions=np.array([0.0, 0.0]),
            clamped=[], limits=np.array([], dtype=np.uint8)), stamp + 1)
    write("/robot/episode", episode(1, 1, first + 5 * period), first + 5 * period)
