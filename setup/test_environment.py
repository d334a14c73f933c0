"""The prepared environment as other ROS 2 programs meet it."""

import os
import subprocess
import sys
import unittest

import rclpy
from rclpy.duration import Duration
from rclpy.qos import QoSProfile
from reverie.action import RunPolicy
from reverie.msg import ActionChunk, Outcome
from reverie.srv import SwapPolicy
from sensor_msgs.msg import Image

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAUNCHER = os.path.join(ROOT, 'reverie')
FRAMES = 50

RECEIVER = """
import rclpy, sys, time
from sensor_msgs.msg import Image
rclpy.init()
node = rclpy.create_node('receiver')
sums = []
node.create_subscription(Image, 'image_of_the_environment_test', lambda image: sums.append(sum(image.data[::9973])),
                         int(sys.argv[1]))
deadline = time.monotonic() + 20
while len(sums) < int(sys.argv[1]) and time.monotonic() < deadline:
    rclpy.spin_once(node, timeout_sec=0.1)
print(*sums)
"""


def launcher(*arguments, **variables):
    return subprocess.run([LAUNCHER, *arguments], env={**os.environ, **variables}, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)


class EnvironmentTest(unittest.TestCase):

    def test_our_interfaces_are_compiled(self):
        self.assertEqual(3, Outcome.ABORTED)
        self.assertIn('log_probabilities', ActionChunk.get_fields_and_field_types())
        self.assertEqual('demo', RunPolicy.Goal(instruction='demo').instruction)
        self.assertFalse(SwapPolicy.Response().success)

    def test_camera_images_reach_another_process(self):
        receiver = subprocess.Popen([sys.executable, '-c', RECEIVER, str(FRAMES)], stdout=subprocess.PIPE, text=True)
        rclpy.init()
        try:
            node = rclpy.create_node('sender')
            publisher = node.create_publisher(Image, 'image_of_the_environment_test', QoSProfile(depth=10))
            deadline = node.get_clock().now() + Duration(seconds=20)
            while publisher.get_subscription_count() == 0 and node.get_clock().now() < deadline:
                rclpy.spin_once(node, timeout_sec=0.05)
            frames = [bytes([i]) * (640 * 480 * 3) for i in range(FRAMES)]
            for data in frames:
                publisher.publish(Image(width=640, height=480, encoding='rgb8', step=640 * 3, data=data))
                self.assertTrue(publisher.wait_for_all_acked(Duration(seconds=5)))
            received, _ = receiver.communicate(timeout=30)
        finally:
            rclpy.shutdown()
            receiver.kill()
        self.assertEqual([sum(data[::9973]) for data in frames], [int(word) for word in received.split()])

    def test_the_environment_stays_on_this_machine_unless_told_otherwise(self):
        self.assertIn('ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET',
                      launcher('ros-env', ROS_AUTOMATIC_DISCOVERY_RANGE='SUBNET').stdout)
        self.assertIn('ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST',
                      launcher('ros-env', ROS_AUTOMATIC_DISCOVERY_RANGE='').stdout)

    def test_a_domain_that_is_set_already_is_kept(self):
        self.assertIn('export ROS_DOMAIN_ID=7\n', launcher('ros-env', ROS_DOMAIN_ID='7').stdout)

    def test_printing_the_environment_within_itself_changes_nothing(self):
        first = launcher('ros-env').stdout
        within = subprocess.run(['bash', '-c', f'eval "$({LAUNCHER} ros-env)"; {LAUNCHER} ros-env'],
                                capture_output=True, text=True, timeout=60).stdout
        self.assertEqual(first, within)

    def test_a_workspace_sourced_on_top_stays_in_front(self):
        line = next(line for line in launcher(
            'ros-env', AMENT_PREFIX_PATH='/a workspace/install/arm:' + os.environ['AMENT_PREFIX_PATH'],
        ).stdout.splitlines() if 'AMENT_PREFIX_PATH' in line)
        self.assertTrue(line.startswith('export AMENT_PREFIX_PATH=/a\\ workspace/install/arm:'), line)
        self.assertTrue(line.endswith(os.environ['AMENT_PREFIX_PATH']), line)

    def test_a_shell_that_takes_the_environment_has_a_python_with_rclpy(self):
        clean = {name: os.environ[name] for name in ('HOME', 'LANG', 'TMPDIR') if name in os.environ}
        script = f'eval "$({LAUNCHER} ros-env)" && python -c "import rclpy, reverie.msg; print(rclpy.__name__)"'
        taken = subprocess.run(['bash', '-c', script], env={**clean, 'PATH': '/usr/bin:/bin'}, capture_output=True,
                               text=True, timeout=60)
        self.assertEqual('rclpy\n', taken.stdout, taken.stderr)

    def test_an_unknown_command_or_argument_is_refused_by_name(self):
        for arguments in (['dance'], ['setup', '--fast'], ['ros-env', 'now'], ['setup', '--ros', 'rolling']):
            with self.subTest(arguments):
                result = launcher(*arguments)
                self.assertEqual(2, result.returncode)
                self.assertIn(arguments[-1], result.stderr)
                self.assertEqual('', result.stdout)


if __name__ == '__main__':
    unittest.main()
