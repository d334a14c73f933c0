"""A robot node in rclpy that does what the expert on `teleop` says, and checks what the simulated arm publishes.

    python robot.py lock_step|real_time [seed ...]: an episode a seed; a line of JSON for each on standard output.
"""
import hashlib
import itertools
import json
import sys
import time

import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile, qos_profile_sensor_data
from reverie.msg import Outcome
from reverie.srv import ResetArm
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint


def nanos(stamp):
    return stamp.sec * 10**9 + stamp.nanosec


class Robot:
    def __init__(self, lock_step):
        self.node = rclpy.create_node('robot')
        self.lock_step = lock_step
        self.episode = None
        self.description = None
        self.heard = {}
        self.commands = self.node.create_publisher(JointTrajectory, 'joint_trajectory', 10)
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        sensor = QoSProfile(depth=10) if lock_step else qos_profile_sensor_data
        self.listen(Image, 'camera/image_raw', sensor)
        self.listen(CameraInfo, 'camera/camera_info', sensor)
        self.listen(JointState, 'joint_states', sensor)
        self.listen(JointTrajectory, 'teleop', 10)
        if lock_step:
            self.node.create_subscription(Clock, '/clock', lambda m: self.take('/clock', m.clock, m), 10)
        self.node.create_subscription(Outcome, 'outcome', self.ended, 10)
        self.node.create_subscription(String, 'robot_description', self.described, latched)
        self.reset = self.node.create_client(ResetArm, 'simulated_arm/reset')

    def listen(self, kind, topic, qos):
        self.node.create_subscription(kind, topic, lambda m: self.take(topic, m.header.stamp, m), qos)

    def described(self, message):
        self.description = message.data

    def take(self, topic, stamp, message):
        parts = self.heard.setdefault(nanos(stamp), {})
        parts[topic] = message
        if len(parts) == (5 if self.lock_step else 4) and self.episode is not None:
            self.observed(nanos(stamp), parts)

    def observed(self, stamp, parts):
        if stamp < self.episode['stamp'] or stamp in self.episode['stamps']:
            return
        self.episode['stamps'].append(stamp)
        joints, image = parts['joint_states'], parts['camera/image_raw']
        assert joints.name == ['shoulder', 'elbow', 'wrist'] and len(joints.effort) == 3
        assert (image.width, image.height, image.encoding, image.step) == (48, 48, 'rgb8', 144)
        assert parts['camera/camera_info'].k[2] == 23.5
        self.episode['hash'].update(joints.position.tobytes() + bytes(image.data))
        self.answer(parts['teleop'])

    def answer(self, teleop):
        point = JointTrajectoryPoint(positions=list(reversed(teleop.points[0].positions)))
        message = JointTrajectory(joint_names=list(reversed(teleop.joint_names)), points=[point])
        message.header.stamp = teleop.header.stamp
        self.commands.publish(message)
        if not self.lock_step or len(self.episode['stamps']) % 3 == 0:
            self.commands.publish(message)  # twice must do no harm

    def ended(self, outcome):
        if self.episode is not None:
            self.episode['outcome'] = outcome

    def run(self, seed):
        request = ResetArm.Request(seed=seed, demonstrate=True)
        self.episode = None
        self.heard.clear()
        future = self.reset.call_async(request)
        self.spin_until(future.done)
        response = future.result()
        assert response.success, response.message
        began = time.monotonic()
        self.episode = {'stamp': nanos(response.stamp), 'stamps': [], 'hash': hashlib.sha256(), 'outcome': None}
        for stamp, parts in sorted(self.heard.items()):  # what came before the response
            if len(parts) == (5 if self.lock_step else 4):
                self.observed(stamp, parts)
        self.spin_until(lambda: self.episode['outcome'] is not None)
        stamps, outcome = self.episode['stamps'], self.episode['outcome']
        print(json.dumps({
            'instruction': response.instruction, 'ticks': len(stamps), 'hash': self.episode['hash'].hexdigest(),
            'first': self.episode['stamp'] / 1e9, 'periods': sorted({b - a for a, b in itertools.pairwise(stamps)}),
            'outcome': outcome.outcome, 'labeller': outcome.labeller, 'stamp': nanos(outcome.header.stamp) / 1e9,
            'seconds': time.monotonic() - began, 'described': '<robot' in (self.description or '')}), flush=True)

    def spin_until(self, condition):
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, 'the simulated arm is silent'
            rclpy.spin_once(self.node, timeout_sec=1)


def main():
    rclpy.init()
    mode, *seeds = sys.argv[1:sys.argv.index('--ros-args')] if '--ros-args' in sys.argv else sys.argv[1:]
    robot = Robot(mode == 'lock_step')
    assert robot.reset.wait_for_service(20)
    robot.spin_until(lambda: robot.description)
    for seed in seeds:
        robot.run(int(seed))


main()
