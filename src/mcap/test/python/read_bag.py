"""Prints what rosbags (PyPI) finds in a rosbag2 folder, one fact a line."""

import sys
from hashlib import sha256
from pathlib import Path

from rosbags.rosbag2 import Reader

with Reader(Path(sys.argv[1])) as reader:
    print("bag", reader.message_count, reader.start_time, reader.end_time, reader.ros_distro, sep="\t")
    for connection in reader.connections:
        qos = [(q.history.name, q.depth, q.reliability.name, q.durability.name)
               for q in connection.ext.offered_qos_profiles]
        print("topic", connection.topic, connection.msgtype, connection.digest, connection.msgcount, qos, sep="\t")
    for connection, stamp, data in reader.messages():
        print("message", connection.topic, stamp, sha256(data).hexdigest(), sep="\t")
