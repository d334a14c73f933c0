"""Messages as others write them, for RclpyMessagesTest.

make PACKAGE...  prints a line for each message, request, result... of the packages: its name, and as rclpy serialises
                 them, in hexadecimal: the message with its defaults, then three with random values.
schemas FILE     reads lines of name, definition and CDR (both in hexadecimal). mcap_ros2 and rosbags decode the CDR by
                 the definition alone and write it again: an error where that differs. Prints a line for each, the same
                 message in big-endian CDR by rosbags; "-" where it holds wide strings, which neither can read.
"""

import importlib
import os
import pathlib
import random
import re
import sys

import numpy
from mcap_ros2._dynamic import generate_dynamic, serialize_dynamic
from rclpy.serialization import serialize_message
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosidl_parser.definition import (
    AbstractSequence,
    AbstractString,
    AbstractWString,
    Array,
    BasicType,
    BoundedSequence,
)

SCALARS = {
    "boolean": lambda r: r.random() < 0.5,
    "octet": lambda r: bytes([r.randrange(256)]),
    "char": lambda r: r.randrange(256),
    "int8": lambda r: r.randrange(-128, 128),
    "uint8": lambda r: r.randrange(256),
    "int16": lambda r: r.randrange(-(2**15), 2**15),
    "uint16": lambda r: r.randrange(2**16),
    "int32": lambda r: r.randrange(-(2**31), 2**31),
    "uint32": lambda r: r.randrange(2**32),
    "int64": lambda r: r.randrange(-(2**63), 2**63),
    "uint64": lambda r: r.randrange(2**64),
    "float": lambda r: float(numpy.float32(r.gauss(0, 1e3))),
    "double": lambda r: r.gauss(0, 1e6),
}
PARTS = {"msg": [None], "srv": ["Request", "Response"], "action": ["Goal", "Result", "Feedback"]}


def one(kind, r):
    if isinstance(kind, BasicType):
        return SCALARS[kind.typename](r)
    if isinstance(kind, (AbstractString, AbstractWString)):
        longest = min(kind.maximum_size, 12) if kind.has_maximum_size() else 12
        return "".join(r.choice("aZ é€ハ😀") for _ in range(r.randrange(longest + 1)))
    module = importlib.import_module(".".join(kind.namespaces))
    return random_message(getattr(module, kind.name), r)


def value(kind, r):
    if isinstance(kind, Array):
        return [one(kind.value_type, r) for _ in range(kind.size)]
    if isinstance(kind, AbstractSequence):
        longest = kind.maximum_size if isinstance(kind, BoundedSequence) else 5
        return [one(kind.value_type, r) for _ in range(r.randrange(min(longest, 5) + 1))]
    return one(kind, r)


def random_message(cls, r):
    message = cls()
    for name, kind in zip(cls.get_fields_and_field_types(), cls.SLOT_TYPES, strict=True):
        setattr(message, name, value(kind, r))
    return message


def types(package):
    """Name and class of each type that has a codec. (Those of .idl files without .msg have none.)"""
    prefixes = os.environ["AMENT_PREFIX_PATH"].split(os.pathsep)
    share = next(s for p in prefixes if (s := pathlib.Path(p, "share", package)).is_dir())
    for kind, parts in PARTS.items():
        for file in sorted(share.glob(f"{kind}/*.{kind}")):
            cls = getattr(importlib.import_module(f"{package}.{kind}"), file.stem)
            for part in parts:
                name = f"{package}/{kind}/{file.stem}" + (f"_{part}" if part else "")
                yield name, getattr(cls, part) if part else cls


def make(packages):
    r = random.Random(7)
    for package in packages:
        for name, cls in types(package):
            messages = [cls()] + [random_message(cls, r) for _ in range(3)]
            print(name, *(serialize_message(m).hex() for m in messages))


def schemas(lines):
    for line in lines:
        name, definition, cdr = line.split()
        definition, cdr = bytes.fromhex(definition).decode(), bytes.fromhex(cdr)
        if "wstring" in definition:
            print("-")
            continue
        decoded = generate_dynamic(name, definition)[name](cdr)
        try:
            same(name, "mcap_ros2", cdr, serialize_dynamic(name, definition)[name](decoded))
        except ValueError as e:
            if "cannot be an array" not in str(e):  # a limit of its writer: arrays with defaults
                raise
        store = get_typestore(Stores.EMPTY)
        its_name = re.sub("/(srv|action)/", "/msg/", name)
        store.register(get_types_from_msg(definition, its_name))
        decoded = store.deserialize_cdr(cdr, its_name)
        same(name, "rosbags", cdr, bytes(store.serialize_cdr(decoded, its_name)))
        print(bytes(store.serialize_cdr(decoded, its_name, little_endian=False)).hex())


def same(name, reader, ours, theirs):
    if ours != theirs:
        sys.exit(f"{name}: we wrote {ours.hex()}, {reader} writes {theirs.hex()}")


if __name__ == "__main__":
    schemas(pathlib.Path(sys.argv[2]).read_text().splitlines()) if sys.argv[1] == "schemas" else make(sys.argv[2:])
