"""The node beside a physical arm whose driver and cameras run already.

ros2 launch reverie arm.launch.py bundle:=/models/base trajectory:=/joint_trajectory_controller/joint_trajectory
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument('bundle', description="folder of the policy bundle"),
        DeclareLaunchArgument('rollouts', default_value='rollouts', description='folder for the recorded episodes'),
        DeclareLaunchArgument('namespace', default_value='', description='of the node and its relative names'),
        DeclareLaunchArgument('trajectory', default_value='joint_trajectory_controller/joint_trajectory',
                              description='topic on which the arm takes its commands'),
        DeclareLaunchArgument('image', default_value='camera/image_raw', description='topic of the camera "camera"'),
        Node(
            package='reverie',
            executable='robot',
            name='robot',
            namespace=LaunchConfiguration('namespace'),
            parameters=[{
                'bundle': LaunchConfiguration('bundle'),
                'rollouts_dir': LaunchConfiguration('rollouts'),
            }],
            remappings=[
                ('joint_trajectory', LaunchConfiguration('trajectory')),
                ('camera/image_raw', LaunchConfiguration('image')),
            ],
            output='screen',
        ),
    ])
