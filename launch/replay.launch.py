"""The robot node for a bag that a stock player plays: it hears the bag, and no arm hears it.

ros2 launch reverie replay.launch.py bundle:=/models/better rollouts:=/tmp/replayed
ros2 bag play BAG --clock 100 --topics /camera/image_raw /camera/camera_info /joint_states /robot_description
"""

import os
import sys

from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

from launch import LaunchDescription

sys.path.append(os.path.dirname(os.path.realpath(__file__)))
from reverie_arguments import refuse_unknown  # noqa: E402


def generate_launch_description():
    declared = [
        DeclareLaunchArgument('bundle', description="folder of the policy bundle"),
        DeclareLaunchArgument('rollouts', default_value='replayed', description='folder for what the policy did'),
        DeclareLaunchArgument('image', default_value='/camera/image_raw', description='topic of the camera "camera"'),
        DeclareLaunchArgument('camera_info', default_value='/camera/camera_info', description='beside it'),
        DeclareLaunchArgument('joint_states', default_value='/joint_states', description='as the bag has it'),
        DeclareLaunchArgument('robot_description', default_value='/robot_description', description='likewise'),
    ]
    return LaunchDescription([
        *declared,
        refuse_unknown(__file__, declared),
        Node(
            package='reverie',
            executable='robot',
            name='robot',
            # Its outputs stay in here; of an arm's topics it only hears what is named below.
            namespace='replay',
            parameters=[{
                'bundle': LaunchConfiguration('bundle'),
                'rollouts_dir': LaunchConfiguration('rollouts'),
                'use_sim_time': True,
                'require_listener': False,
            }],
            remappings=[
                ('joint_trajectory', 'unheard/joint_trajectory'),
                ('teleop', 'unheard/teleop'),
                ('camera/image_raw', LaunchConfiguration('image')),
                ('camera/camera_info', LaunchConfiguration('camera_info')),
                ('joint_states', LaunchConfiguration('joint_states')),
                ('robot_description', LaunchConfiguration('robot_description')),
            ],
            output='screen',
        ),
    ])
