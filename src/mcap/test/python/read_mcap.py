"""Prints what the reference reader (PyPI: mcap) finds in a file, one fact a line, checksums verified."""

import sys
from hashlib import sha256

from mcap.reader import NonSeekingReader, SeekingReader
from mcap.stream_reader import StreamReader


def line(*fields):
    print("\t".join(str(field) for field in fields))


def message_lines(kind, reader):
    for schema, channel, message in reader.iter_messages(log_time_order=False):
        line(kind, channel.topic, schema.name if schema else "", channel.message_encoding, message.sequence,
             message.log_time, message.publish_time, sha256(message.data).hexdigest())


path = sys.argv[1]
with open(path, "rb") as file:
    reader = SeekingReader(file, validate_crcs=True)
    header = reader.get_header()
    line("header", header.profile, header.library)
    summary = reader.get_summary()
    assert summary is not None and summary.statistics is not None
    statistics = summary.statistics
    line("statistics", statistics.message_count, statistics.chunk_count, statistics.attachment_count,
         statistics.metadata_count, statistics.message_start_time, statistics.message_end_time)
    for channel_id, count in sorted(statistics.channel_message_counts.items()):
        line("count", summary.channels[channel_id].topic, count)
    message_lines("indexed", reader)
    for attachment in reader.iter_attachments():
        line("attachment", attachment.name, attachment.media_type, attachment.log_time, attachment.create_time,
             sha256(attachment.data).hexdigest())
    for metadata in reader.iter_metadata():
        line("metadata", metadata.name, *(f"{key}={value}" for key, value in sorted(metadata.metadata.items())))
    for topic in sys.argv[2:]:
        times = [message.log_time for _, _, message in reader.iter_messages(topics=[topic])]
        line("topic", topic, *times)
with open(path, "rb") as file:
    message_lines("streamed", NonSeekingReader(file, validate_crcs=True))
with open(path, "rb") as file:  # the checksum of the data section is looked at only here
    count = sum(1 for _ in StreamReader(file, validate_crcs=True).records)
    line("records", "checked" if count else "none")
