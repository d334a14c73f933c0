"""Prints what rosbags and mcap_ros2 (PyPI) decode from a rollout, one fact a line."""

import sys
from hashlib import sha256
from pathlib import Path

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.rosbag2 import Reader
from rosbags.typesys import Stores, get_types_from_msg, get_typestore


def line(*fields):
    print("\t".join(str(field) for field in fields))


def stamp(message):
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec


def facts(kind, topic, message):
    if topic == "/camera/image_raw":
        line(kind, "image", stamp(message), message.width, message.height, message.encoding,
             sha256(bytes(message.data)).hexdigest())
    elif topic == "/joint_states":
        line(kind, "joints", stamp(message), *message.name, *(f"{p:.12g}" for p in message.position))
    elif topic == "/robot/command":
        line(kind, "command", stamp(message), message.episode_id, message.tick, message.chunk, message.action,
             message.source)
    elif topic == "/robot/action_chunk":
        line(kind, "chunk", message.index, message.horizon, message.action_dim, *(f"{a:.6g}" for a in message.actions))
    elif topic == "/robot/episode":
        line(kind, "episode", message.event, message.episode_id, message.instruction, message.outcome.outcome,
             message.outcome.labeller)


bag = Path(sys.argv[1])
store = get_typestore(Stores.ROS2_JAZZY)
with Reader(bag) as reader:
    for connection in reader.connections:
        if connection.msgtype.startswith("reverie/"):
            store.register(get_types_from_msg(connection.msgdef.data, connection.msgtype))
    line("rosbags", "count", reader.message_count)
    for connection, _, data in reader.messages():
        facts("rosbags", connection.topic, store.deserialize_cdr(data, connection.msgtype))
for path in sorted(bag.glob("*.mcap")):
    with open(path, "rb") as file:
        reader = make_reader(file, validate_crcs=True, decoder_factories=[DecoderFactory()])
        for _, channel, _, message in reader.iter_decoded_messages():
            facts("mcap", channel.topic, message)
