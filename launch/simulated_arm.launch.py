"""The simulated arm in real time, and the node beside it.

ros2 launch reverie simulated_arm.launch.py bundle:=/models/base
"""

from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, ThisLaunchFileDir
from launch_ros.actions import Node

from launch import LaunchDescription


def generate_launch_description():
    robot = IncludeLaunchDescription(
        PythonLaunchDescriptionSource([ThisLaunchFileDir(), '/arm.launch.py']),
        launch_arguments={
            'bundle': LaunchConfiguration('bundle'),
            'rollouts': LaunchConfiguration('rollouts'),
            'namespace': '',
            'trajectory': 'joint_trajectory',
            'image': 'camera/image_raw',
        }.items(),
    )
    return LaunchDescription([
        DeclareLaunchArgument('bundle', description="folder of the policy bundle"),
        DeclareLaunchArgument('rollouts', default_value='rollouts', description='folder for the recorded episodes'),
        Node(package='reverie', executable='simulated_arm', name='simulated_arm', output='screen'),
        robot,
    ])
