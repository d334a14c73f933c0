"""Reads one topic within a time range by the index: arguments are a bag, the topic, and the range. Prints for the PyPI
packages mcap and rosbags the number of messages found and the bytes read for them, then the file's size."""

import sys
from pathlib import Path

from mcap.reader import SeekingReader
from rosbags.rosbag2 import Reader

bag, topic, start, stop = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


class Counting:
    def __init__(self, file):
        self.file, self.count = file, 0

    def read(self, *size):
        data = self.file.read(*size)
        self.count += len(data)
        return data

    def __getattr__(self, name):
        return getattr(self.file, name)


path = next(bag.glob("*.mcap"))
with open(path, "rb") as raw:
    file = Counting(raw)
    found = sum(1 for _ in SeekingReader(file).iter_messages(topics=[topic], starting_at=start, ending_before=stop))
    print("mcap", found, file.count, sep="\t")
with Reader(bag) as reader:
    storage = reader.storage.storages[0]
    storage.bio = Counting(storage.bio)
    wanted = [connection for connection in reader.connections if connection.topic == topic]
    found = sum(1 for _ in reader.messages(wanted, start=start, stop=stop))
    print("rosbags", found, storage.bio.count, sep="\t")
print("size", path.stat().st_size, sep="\t")
