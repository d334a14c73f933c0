"""What the launch files do with their arguments; launch itself is not part of the ROS 2 from wheels."""

import pathlib
import sys
import unittest

sys.path.append(str(pathlib.Path(__file__).parent.parent / 'launch'))
import reverie_arguments  # noqa: E402


class LaunchArguments(unittest.TestCase):
    def test_an_unknown_argument_is_told_with_the_known_ones(self):
        given = reverie_arguments.names(['bundel:=/models/base', 'arm:=/a.yaml', '--debug'])
        self.assertEqual(reverie_arguments.unknown(given, ['arm', 'bundle']),
                         "unknown launch arguments ['bundel']; this launch file knows ['arm', 'bundle']")
        self.assertEqual(reverie_arguments.unknown(['arm'], ['arm', 'bundle']), '')

    def test_a_file_that_another_one_includes_has_arguments_that_are_not_its_own(self):
        own = '/share/reverie/launch/arm.launch.py'
        self.assertFalse(reverie_arguments.included(own, ['ros2', 'launch', 'reverie', 'arm.launch.py', 'arm:=a']))
        self.assertFalse(reverie_arguments.included(own, ['python']))
        self.assertTrue(reverie_arguments.included(own, ['ros2', 'launch', 'mine', 'cell.launch.py', 'speed:=1']))

    def test_any_number_of_cameras_has_topics(self):
        self.assertEqual(reverie_arguments.cameras('front=/a/image_raw, wrist=/b/image_raw/compressed'),
                         {'front': '/a/image_raw', 'wrist': '/b/image_raw/compressed'})
        self.assertEqual(reverie_arguments.cameras(''), {})
        for text, words in (('front', 'NAME=TOPIC'), ('a=/x,a=/y', 'comes twice')):
            with self.assertRaisesRegex(RuntimeError, words):
                reverie_arguments.cameras(text)


if __name__ == '__main__':
    unittest.main()
