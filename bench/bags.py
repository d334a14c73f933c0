#!/usr/bin/env python3
"""Writing and reading MCAP files against the PyPI packages mcap, rosbags and foxglove-sdk and a plain write.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install mcap rosbags foxglove-sdk
    mvn -q -pl src/mcap -am -DskipTests package && /tmp/peer/bin/python bench/bags.py [--dir /dev/shm]

Chunks of 1 MiB with message and chunk indexes and all checksums, zstd at level 1, one thread; messages that compress as
a camera's pictures do. Reverie forces its file to disk every 0.5 s and at its end, the others do not. Each writes and
reads so many MiB, in turn, in processes of their own. Prints medians of MB/s (10^6 bytes of messages a second of wall
time), and the ratio of Reverie to the fastest of the three packages: above 1 is faster.
"""

import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZES = {"1 MiB": 1 << 20, "100 KiB": 100 << 10, "100 B": 100}
PACKAGES = ["mcap", "rosbags", "foxglove-sdk"]


def messages(size):
    chance = random.Random(1)
    return [bytes((i // 1920 * 4 + chance.getrandbits(2)) & 255 for i in range(size)) for _ in range(16)]


def timed(what, step):
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    print(what, time.perf_counter() - wall, time.process_time() - cpu, sep="\t", flush=True)


def peer(package, folder, compression, size, total, rounds):
    data, count = messages(size), -(-total // size)
    path = pathlib.Path(folder) / f"{package}.mcap"

    def plain():
        with open(path, "wb", buffering=0) as file:
            for i in range(count):
                file.write(data[i & 15])

    def mcap():
        from mcap.writer import CompressionType, Writer
        with open(path, "wb") as file:
            writer = Writer(file, chunk_size=1 << 20, compression=CompressionType[compression.upper()])
            writer.start("ros2", "")
            channel = writer.register_channel("/data", "cdr", writer.register_schema("demo/msg/Data", "ros2msg", b""))
            for i in range(count):
                writer.add_message(channel, i, data[i & 15], i, i)
            writer.finish()

    def rosbags():
        import shutil

        from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
        bag = path.with_suffix("")
        shutil.rmtree(bag, ignore_errors=True)
        writer = Writer(bag, version=9, storage_plugin=StoragePlugin.MCAP)
        if compression == "zstd":  # its own level; it knows no lz4
            writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
        with writer:
            connection = writer.add_connection("/data", "demo/msg/Data", msgdef="uint8[] data\n", rihs01="RIHS01_0")
            for i in range(count):
                writer.write(connection, i, data[i & 15])
        path.unlink(missing_ok=True)
        os.rename(next(bag.glob("*.mcap")), path)
        shutil.rmtree(bag)

    def foxglove():
        import foxglove as sdk
        from foxglove.mcap import MCAPCompression, MCAPWriteOptions
        kind = {"none": None, "lz4": MCAPCompression.Lz4, "zstd": MCAPCompression.Zstd}[compression]
        options = MCAPWriteOptions(compression=kind, chunk_size=1 << 20, profile="ros2", compression_threads=0,
                                   compression_level=1 if compression == "zstd" else 0)
        context = sdk.Context()
        with sdk.open_mcap(path, allow_overwrite=True, context=context, writer_options=options):
            schema = sdk.Schema(name="demo/msg/Data", encoding="ros2msg", data=b"")
            channel = sdk.Channel("/data", message_encoding="cdr", schema=schema, context=context)
            for i in range(count):
                channel.log(data[i & 15], log_time=i)

    def read():
        from mcap.reader import make_reader
        with open(path, "rb") as file:
            assert sum(len(message.data) for _, _, message in make_reader(
                file, validate_crcs=True).iter_messages(log_time_order=False)) >= total

    write = {"plain": plain, "mcap": mcap, "rosbags": rosbags, "foxglove-sdk": foxglove}[package]
    for _ in range(rounds):
        timed("write", write)
        if package == "mcap":
            timed("read", read)
    path.unlink()


def run(command):
    """Medians of wall seconds by what was done."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    seconds = {}
    for line in done.stdout.splitlines():
        if line.startswith(("write\t", "read\t")):
            what, wall, _ = line.split("\t")
            seconds.setdefault(what, []).append(float(wall))
    return {what: statistics.median(values) for what, values in seconds.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()))
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", nargs=6, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        package, folder, compression, size, total, rounds = arguments.peer
        return peer(package, folder, compression, int(size), int(total), int(rounds))
    target = ROOT / "src/mcap/target"
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    classes = f"{target}/test-classes:{target}/classes:{(target / 'classpath').read_text()}"
    print(f"{'messages':9} {'':5} {'Reverie':>8} {'plain':>8} " + " ".join(f"{p:>12}" for p in PACKAGES)
          + f" {'ratio':>6}   {'reading: Reverie':>16} {'mcap':>6} {'ratio':>6}")
    with tempfile.TemporaryDirectory(dir=arguments.dir) as folder:
        for name, size in SIZES.items():
            total = arguments.mib << 20 if size > 1000 else arguments.mib << 17  # small ones take Python long
            for compression in ["none", "lz4", "zstd"]:
                ours = run([java, "-XX:+UseSerialGC", "-Xmx1g", "--enable-native-access=ALL-UNNAMED",
                            "--sun-misc-unsafe-memory-access=allow", "-cp", classes, "dev.reverie.mcap.BagBenchmark",
                            folder, compression, str(size), str(total), str(arguments.rounds)])
                others = {}
                for package in ["plain", *PACKAGES]:
                    if not (package == "rosbags" and compression == "lz4"):
                        others[package] = run([sys.executable, "-W", "ignore", __file__, "--peer", package, folder,
                                               compression, str(size), str(total), str(arguments.rounds)])
                speed = {package: total / 1e6 / seconds["write"] for package, seconds in others.items()}
                fastest = max(speed[p] for p in PACKAGES if p in speed)
                written, read = (total / 1e6 / ours[what] for what in ("write", "read"))
                by_mcap = total / 1e6 / others["mcap"]["read"]
                print(f"{name:9} {compression:5} {written:8.0f} {speed['plain']:8.0f} "
                      + " ".join(f"{speed[p]:12.0f}" if p in speed else f"{'-':>12}" for p in PACKAGES)
                      + f" {written / fastest:6.2f}   {read:16.0f} {by_mcap:6.0f} {read / by_mcap:6.2f}", flush=True)


if __name__ == "__main__":
    main()
