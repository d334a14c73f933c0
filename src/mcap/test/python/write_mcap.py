"""Writes files by the reference writer (PyPI: mcap) in each of its ways, and beside each a list of its messages."""

import random
import sys
from hashlib import sha256
from pathlib import Path

from mcap.writer import CompressionType, IndexType, Writer

folder = Path(sys.argv[1])


def write(name, messages=120, **options):
    chance = random.Random(name)
    with open(folder / f"{name}.mcap", "wb") as file, open(folder / f"{name}.txt", "w") as expected:
        writer = Writer(file, chunk_size=(4 << 20) if "large" in name else (16 << 10), **options)
        writer.start("ros2", "reference")
        channels = []
        for number in range(3):
            schema = writer.register_schema(f"demo/msg/Type{number}", "ros2msg", b"uint8[] data\n" * (number + 1))
            topic = f"/topic_{number}"
            channels.append((topic, writer.register_channel(topic, "cdr", schema, {"a": "b"})))
        channels.append(("/without_schema", writer.register_channel("/without_schema", "json", 0)))
        for sequence in range(messages):
            topic, channel = channels[chance.randrange(len(channels))]
            words = bytes(chance.choice(b"abcdefgh") for _ in range(chance.randrange(40)))
            data = words * chance.randrange(60) + chance.randbytes(chance.randrange(300))
            stamp = 1_700_000_000_000_000_000 + sequence * 1_000_000
            writer.add_message(channel, stamp, data, stamp - 5, sequence)
            print(topic, sequence, stamp, stamp - 5, sha256(data).hexdigest(), sep="\t", file=expected)
        if messages:
            writer.add_attachment(1, 2, "calibration.yaml", "text/yaml", b"fx: 1.0\n")
            writer.add_metadata("demo", {"one": "1", "two": "2"})
        writer.finish()


compressions = {"none": CompressionType.NONE, "lz4": CompressionType.LZ4, "zstd": CompressionType.ZSTD}
for word, compression in compressions.items():
    write(f"chunked_{word}", compression=compression)
    write(f"chunked_{word}_without_index", compression=compression, index_types=IndexType.NONE,
          use_statistics=False, use_summary_offsets=False, repeat_channels=False, repeat_schemas=False)
    write(f"one_large_chunk_{word}", messages=4000, compression=compression)
write("unchunked", use_chunking=False)
write("unchunked_without_summary", use_chunking=False, index_types=IndexType.NONE, use_statistics=False,
      use_summary_offsets=False, repeat_channels=False, repeat_schemas=False)
write("without_message_index", index_types=IndexType.CHUNK)
write("without_crc", enable_crcs=False)
write("data_crc", enable_data_crcs=True)
write("empty", messages=0)
