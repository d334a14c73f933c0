"""Mechanisms: what one part of a method does, each arm being the method with some settings changed.

All arms of a mechanism learn from the same real rollouts, and imagine as many groups but where drawing more or longer
is the question (refill, trust). An arm without changes is the method itself.
"""

import copy
from dataclasses import dataclass

# In small: WMPO starts at first frames alone; WoVR also where failures leave the successes, and its world model sees
# the first frame, four frames before and their actions.
OURS = {
    "wmpo": {"grpo": {"keyframeShare": 0.0}},
    "wovr": {
        "grpo": {"keyframeShare": 0.5, "keyframes": "FAILURE_ONSET", "dualClip": 3.0},
        "worldModel": {"reference": True, "memoryFrames": 4, "memoryActions": True},
    },
}


@dataclass(frozen=True)
class Mechanism:
    """A question, the task that binds it, and its arms: name and title, settings changed of wovr."""

    title: str
    task: str
    arms: dict


def world(**changed):
    return {"worldModel": changed}


def grpo(**changed):
    return {"grpo": changed}


def noise(low, high, told, scaled=False):
    return world(contextNoiseLow=low, contextNoise=high, contextScaled=scaled, inferenceNoise=0.0, inferenceLevel=told)


def long(trust, iterations):
    """Practice at a constant rate, so that a shorter one is the beginning of a longer one."""
    return {
        "worldModel": {"ensemble": 2},
        "imagination": {"trust": trust},
        "grpo": {"iterations": iterations, "learningRateEnd": 1.0},
    }


TRUST = {"none": "KEEP", "weighed": "WEIGH", "cut": "CUT"}
MECHANISMS = {
    "keyframes": Mechanism(
        "Where practice starts",
        "assemble",
        {
            "first": ("first frames", grpo(keyframeShare=0.0)),
            "uniform": ("half along rollouts", grpo(keyframes="UNIFORM")),
            "onset": ("half where failures leave the successes", {}),
            "contact": ("half where the arm stalls in contact", grpo(keyframes="STALL")),
        },
    ),
    "memory": Mechanism(
        "What the world model sees of the past",
        "press",
        {
            "one": ("1 frame", world(reference=False, memoryFrames=1)),
            "four": ("4 frames", world(reference=False)),
            "reference-one": ("first frame and 1", world(memoryFrames=1)),
            "reference-four": ("first frame and 4", {}),
        },
    ),
    "noise": Mechanism(
        "Noise on the context in training",
        "assemble",
        {
            "none": ("none", noise(0.0, 0.0, 0.0)),
            "code": ("0.015, WMPO's code", noise(0.015, 0.015, 0.015, scaled=True)),
            "paper": ("0.05, WMPO's paper", noise(0.05, 0.05, 0.05, scaled=True)),
            "ours": ("up to 0.3, ours", {}),
        },
    ),
    "alignment": Mechanism(
        "Alignment of the world model with the policy's rollouts",
        "insert",
        {
            "off": ("off (one step)", world(alignSteps=1)),
            "alone": ("on rollouts alone", world(alignDemonstrations=False)),
            "on": ("on rollouts and demonstrations", {}),
        },
    ),
    "refill": Mechanism(
        "Groups that end alike",
        "assemble",
        {"off": ("dropped", {}), "on": ("drawn again, 4 times at most", grpo(draws=4, cutSurplus=True))},
    ),
    "network": Mechanism(
        "Network of the world model",
        "insert",
        {
            "unet": ("U-Net", {}),
            "transformer": ("transformer", world(backbone="TRANSFORMER", width=64, depth=2, patch=3)),
        },
    ),
    "trust": Mechanism(
        "Long practice where two world models disagree",
        "insert",
        {
            f"{name}-{iterations}": (f"{name}, {iterations} iterations", long(rule, iterations))
            for iterations in (40, 80, 160)
            for name, rule in TRUST.items()
        },
    ),
}


def merged(settings, changed):
    made = copy.deepcopy(settings)
    for group, values in changed.items():
        made.setdefault(group, {}).update(values)
    return made


def method(mechanism, arm):
    """The name of an arm as a method; one that changes nothing is the method itself."""
    return f"{mechanism}-{arm}" if MECHANISMS[mechanism].arms[arm][1] else "wovr"


ARMS = {
    method(name, arm): merged(OURS["wovr"], changed)
    for name, mechanism in MECHANISMS.items()
    for arm, (_, changed) in mechanism.arms.items()
}
# Every method that learns in imagination, with its settings.
IMAGINING = OURS | ARMS


# Settings of the world model that leave its network and what it is pretrained for as they are.
LATER = ["steps", "alignSteps", "alignDemonstrations", "ensemble", "inferenceNoise", "inferenceLevel"]


def pretrained(settings):
    """The world model's settings of a method that its pretraining needs too."""
    return {name: value for name, value in settings.get("worldModel", {}).items() if name not in LATER}
