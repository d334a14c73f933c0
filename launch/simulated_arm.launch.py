"""The simulated arm in real time, and the node beside it.

ros2 launch reverie simulated_arm.launch.py bundle:=/models/base
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('bundle', description="folder of the policy bundle"),
        DeclareLaunchArgument('rollouts', default_value='rollouts', description='folder for the recorded episodes'),
        Node(package='reverie', executable='simulated_arm', name='simulated_arm', output='screen'),
        Node(
            package='reverie',
            executable='robot',
            name='robot',
            parameters=[{
                'bundle': LaunchConfiguration('bundle'),
                'rollouts_dir': LaunchConfiguration('rollouts'),
            }],
            output='screen',
        ),
    ])
