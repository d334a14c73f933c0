"""What the launch files share: arguments that are refused where nobody knows them, and cameras by name."""

import os
import sys


def names(arguments):
    """Names of 'name:=value'."""
    return [argument.split(':=', 1)[0] for argument in arguments if ':=' in argument]


def unknown(given, known):
    """Says which names are not known, and which are; empty where all are."""
    wrong = sorted(set(given) - set(known))
    if not wrong:
        return ''
    return f"unknown launch arguments {wrong}; this launch file knows {sorted(known)}"


def included(file, argv):
    """Whether another launch file was asked for, which includes this one and has arguments of its own."""
    asked = [os.path.basename(argument) for argument in argv if '.launch' in os.path.basename(argument)]
    return bool(asked) and os.path.basename(file) not in asked


def refuse_unknown(file, declared):
    """An action that ends the launch where an argument is none of those declared: launch itself passes it over."""
    from launch.actions import OpaqueFunction

    known = [argument.name for argument in declared]

    def check(context):
        if not included(file, sys.argv):
            problem = unknown(context.launch_configurations, known)
            if problem:
                raise RuntimeError(problem)

    return OpaqueFunction(function=check)


def cameras(text):
    """Topics by camera name, of 'front=/a/image_raw,wrist=/b/image_raw'."""
    topics = {}
    for pair in filter(None, (part.strip() for part in text.split(','))):
        name, equals, topic = pair.partition('=')
        if not (name and equals and topic):
            raise RuntimeError(f"cameras:={text}: '{pair}' names no camera; give NAME=TOPIC,NAME=TOPIC")
        if name in topics:
            raise RuntimeError(f"cameras:={text}: '{name}' comes twice; name each camera once")
        topics[name] = topic
    return topics
