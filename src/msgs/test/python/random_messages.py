"""Prints random messages as rclpy serialises them: a line each, type and bytes in hexadecimal.

With --check, reads lines of type and two byte strings, and fails where rclpy reads two messages that differ.
(The bytes themselves can differ: Fast CDR leaves padding as it finds it.)
"""

import importlib
import random
import sys

import numpy
from rclpy.serialization import deserialize_message, serialize_message
from rosidl_parser.definition import (
    AbstractSequence,
    AbstractString,
    AbstractWString,
    Array,
    BasicType,
    BoundedSequence,
    NamespacedType,
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


def one(kind, r):
    if isinstance(kind, BasicType):
        return SCALARS[kind.typename](r)
    if isinstance(kind, (AbstractString, AbstractWString)):
        longest = min(kind.maximum_size, 12) if kind.has_maximum_size() else 12
        return "".join(r.choice("aZ é€ハ") for _ in range(r.randrange(longest + 1)))
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
    for name, kind in zip(cls.get_fields_and_field_types(), cls.SLOT_TYPES):
        setattr(message, name, value(kind, r))
    return message


def message_class(full):
    package, name = full.split("/")
    return getattr(importlib.import_module(package + ".msg"), name)


def make(types):
    r = random.Random(7)
    for full in types:
        for _ in range(5):
            print(full, serialize_message(random_message(message_class(full), r)).hex())


def check(lines):
    for line in lines:
        full, theirs, ours = line.split()
        a, b = (deserialize_message(bytes.fromhex(x), message_class(full)) for x in (theirs, ours))
        if a != b:
            sys.exit(f"{full}: rclpy wrote {a}, and reads {b}")


if __name__ == "__main__":
    check(sys.stdin) if sys.argv[1] == "--check" else make(sys.argv[1:])
