"""Writes rosbag2 folders in other people's ways, and beside each a list of its messages in the order of recording."""

import json
import sys
from hashlib import sha256
from pathlib import Path

from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

folder = Path(sys.argv[1])
store = get_typestore(Stores.ROS2_JAZZY)
String = store.types["std_msgs/msg/String"]


def message(number):
    return bytes(store.serialize_cdr(String(data=f"message {number} " * (number % 7 + 1)), "std_msgs/msg/String"))


def by_rosbags(name, version, storage=StoragePlugin.MCAP, mode=CompressionMode.NONE):
    with open(folder / f"{name}.txt", "w") as expected:
        writer = Writer(folder / name, version=version, storage_plugin=storage)
        if mode != CompressionMode.NONE:
            writer.set_compression(mode, CompressionFormat.ZSTD)
        with writer:
            connection = writer.add_connection("/text", "std_msgs/msg/String", typestore=store)
            for number in range(50):
                writer.write(connection, 1000 * (number + 1), message(number))
                print("/text", 1000 * (number + 1), sha256(message(number)).hexdigest(), sep="\t", file=expected)


def split_like_humble(name, parts, per_part, rename=lambda part: f"{part}"):
    """As ros2 bag record --max-bag-duration wrote it in Humble: version 5, quality of service as one string."""
    bag = folder / name
    bag.mkdir()
    qos = "- history: 3\n  depth: 0\n  reliability: 1\n  durability: 2\n" + "".join(
        f"  {what}:\n    sec: 9223372036\n    nsec: 854775807\n" for what in ["deadline", "lifespan"]) + (
        "  liveliness: 1\n  liveliness_lease_duration:\n    sec: 9223372036\n    nsec: 854775807\n"
        "  avoid_ros_namespace_conventions: false")
    files = []
    with open(folder / f"{name}.txt", "w") as expected:
        for part in range(parts):
            file = f"{name}_{rename(part)}.mcap"
            files.append(file)
            with open(bag / file, "wb") as out:
                writer = McapWriter(out, compression=CompressionType.LZ4, chunk_size=512)
                writer.start("ros2", "libmcap 0.8.0")
                schema = writer.register_schema("std_msgs/msg/String", "ros2msg", b"string data\n")
                channel = writer.register_channel("/text", "cdr", schema, {"offered_qos_profiles": qos})
                for number in range(part * per_part, (part + 1) * per_part):
                    stamp = 1_000_000 + 1000 * number
                    writer.add_message(channel, stamp, message(number), stamp)
                    print("/text", stamp, sha256(message(number)).hexdigest(), sep="\t", file=expected)
                writer.finish()
    total, span = parts * per_part, 1000 * (per_part - 1)
    described = "".join(f"""    - path: {file}
      starting_time:
        nanoseconds_since_epoch: {1_000_000 + 1000 * per_part * part}
      duration:
        nanoseconds: {span}
      message_count: {per_part}
""" for part, file in enumerate(files))
    (bag / "metadata.yaml").write_text(f"""rosbag2_bagfile_information:
  version: 5
  storage_identifier: mcap
  duration:
    nanoseconds: {1000 * (total - 1)}
  starting_time:
    nanoseconds_since_epoch: 1000000
  message_count: {total}
  topics_with_message_count:
    - topic_metadata:
        name: /text
        type: std_msgs/msg/String
        serialization_format: cdr
        offered_qos_profiles: {json.dumps(qos)}
      message_count: {total}
  compression_format: ""
  compression_mode: ""
  relative_file_paths:
""" + "".join(f"    - {file}\n" for file in files) + "  files:\n" + described)


by_rosbags("version_8", 8)
by_rosbags("version_9", 9)
by_rosbags("storage_compressed", 9, mode=CompressionMode.STORAGE)
by_rosbags("file_compressed", 9, mode=CompressionMode.FILE)
by_rosbags("message_compressed", 9, mode=CompressionMode.MESSAGE)
by_rosbags("sqlite", 9, storage=StoragePlugin.SQLITE3)
split_like_humble("split", 12, 10)
split_like_humble("renamed", 3, 20, rename=lambda part: "cab"[part])  # only metadata.yaml tells the order
