"""Opens every bag below a folder with mcap and with rosbags (PyPI) and reads all of it, checksums verified. Prints the
reader, the folder that the bag is in, and the number of messages."""

import sys
from pathlib import Path

from mcap.reader import SeekingReader
from rosbags.rosbag2 import Reader

for metadata in sorted(Path(sys.argv[1]).rglob("metadata.yaml")):
    bag = metadata.parent
    for path in bag.glob("*.mcap"):
        with open(path, "rb") as file:
            reader = SeekingReader(file, validate_crcs=True)
            count = sum(1 for _ in reader.iter_messages())
            assert reader.get_summary().statistics.message_count == count
    print("mcap", bag.parent.name, count, sep="\t")
    with Reader(bag) as reader:
        count = sum(1 for _ in reader.messages())
        assert reader.message_count == count
    print("rosbags", bag.parent.name, count, sep="\t")
