"""The simulated arm in real time, and the node beside it.

ros2 launch reverie simulated_arm.launch.py bundle:=/models/base
"""

import os
import sys

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, ThisLaunchFileDir
from launch_ros.actions import Node

from launch import LaunchDescription

sys.path.append(os.path.dirname(os.path.realpath(__file__)))
from reverie_arguments import refuse_unknown  # noqa: E402


def generate_launch_description():
    declared = [
        DeclareLaunchArgument('bundle', description='folder of the policy bundle'),
        DeclareLaunchArgument('rollouts', default_value='rollouts', description='folder for the recorded episodes'),
    ]
    robot = IncludeLaunchDescription(
        PythonLaunchDescriptionSource([ThisLaunchFileDir(), '/arm.launch.py']),
        launch_arguments={
            'bundle': LaunchConfiguration('bundle'),
            'rollouts': LaunchConfiguration('rollouts'),
            'namespace': '',
            'trajectory': 'joint_trajectory',
        }.items(),
    )
    return LaunchDescription([
        *declared,
        refuse_unknown(__file__, declared),
        Node(package='reverie', executable='simulated_arm', name='simulated_arm', output='screen'),
        robot,
    ])
