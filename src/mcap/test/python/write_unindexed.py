"""Copies the file of a rosbag2 folder message by message in other people's ways, in place.

python write_unindexed.py BAG KIND: fastwrite, no_profile, no_summary, channels_not_repeated, chunks_without_index,
one_id_twice; with "-back" after it every fifth message is logged earlier than the one before, with "-wrapped" one 5 s
before zero."""

import struct
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap.writer import CompressionType, IndexType, Writer

bag, kind = Path(sys.argv[1]), sys.argv[2]
kind, _, back = kind.partition("-")
file = next(bag.glob("*.mcap"))
with open(file, "rb") as stream:
    messages = list(make_reader(stream).iter_messages())
chunks = kind == "chunks_without_index"
whole = kind in ("fastwrite", "no_profile")
with open(file, "wb") as out:
    writer = Writer(out, compression=CompressionType.ZSTD if chunks else CompressionType.NONE, chunk_size=2048,
                    index_types=IndexType.NONE, use_chunking=chunks, use_statistics=kind != "no_summary",
                    use_summary_offsets=whole, repeat_channels=whole, repeat_schemas=whole)
    writer.start(profile="" if kind == "no_profile" else "ros2", library="other")
    ids = {}
    for number, (schema, channel, message) in enumerate(messages):
        if channel.id not in ids:
            ids[channel.id] = writer.register_channel(
                channel.topic, channel.message_encoding,
                writer.register_schema(schema.name, schema.encoding, schema.data), channel.metadata)
        early = 3500 if back == "back" and number % 5 == 4 else 0
        time = 2**64 - 5_000_000_000 if back == "wrapped" and number == 20 else message.log_time - early
        writer.add_message(ids[channel.id], time, message.data, message.publish_time)
    writer.finish()
if kind == "one_id_twice":  # two recordings in one file, whose channels have the same numbers
    data = file.read_bytes()

    def string(text):
        return struct.pack("<I", len(text)) + text

    channel = struct.pack("<HH", 1, 1) + string(b"/other") + string(b"cdr") + struct.pack("<I", 0)
    body = struct.pack("<HIQQ", 1, 0, 10**9, 10**9) + b"\0\1\0\0\1\0\0\0\0"
    at, end = 8, None
    while end is None:
        length = int.from_bytes(data[at + 1:at + 9], "little")
        end = at if data[at] == 0x0F else None
        at += 9 + length
    twice = ((4, channel), (5, body))
    added = b"".join(bytes([code]) + struct.pack("<Q", len(record)) + record for code, record in twice)
    tail = bytes([0x0F]) + struct.pack("<QI", 4, 0) + bytes([2]) + struct.pack("<QQQI", 20, 0, 0, 0) + data[:8]
    file.write_bytes(data[:end] + added + tail)
