"""The node beside a physical arm whose driver and cameras run already.

ros2 launch reverie arm.launch.py arm:=/arms/so101.yaml                         # records demonstrations
ros2 launch reverie arm.launch.py arm:=/arms/so101.yaml bundle:=/models/base
ros2 launch reverie arm.launch.py bundle:=/models/base cameras:=front=/usb_cam/image_raw \\
    trajectory:=/arm_controller/joint_trajectory
"""

import os
import sys

from launch.actions import DeclareLaunchArgument, EmitEvent, OpaqueFunction, RegisterEventHandler
from launch.event_handlers import OnProcessStart
from launch.events import matches_action
from launch_ros.actions import LifecycleNode
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from lifecycle_msgs.msg import Transition

from launch import LaunchDescription

sys.path.append(os.path.dirname(os.path.realpath(__file__)))
from reverie_arguments import cameras, refuse_unknown  # noqa: E402

USUAL_CONTROLLER = 'joint_trajectory_controller/joint_trajectory'


def drive(robot):
    """Configures the managed node when its process runs, and activates it when it is configured."""
    configure = EmitEvent(event=ChangeState(
        lifecycle_node_matcher=matches_action(robot), transition_id=Transition.TRANSITION_CONFIGURE))
    activate = EmitEvent(event=ChangeState(
        lifecycle_node_matcher=matches_action(robot), transition_id=Transition.TRANSITION_ACTIVATE))
    return [
        RegisterEventHandler(OnProcessStart(target_action=robot, on_start=[configure])),
        RegisterEventHandler(OnStateTransition(
            target_lifecycle_node=robot, start_state='configuring', goal_state='inactive', entities=[activate])),
    ]


def start(context):
    """The node, with what the arguments say; what they leave open, the arm file says."""
    given = context.launch_configurations
    if not given['arm'] and not given['bundle']:
        raise RuntimeError("give arm:=FILE (./reverie arm init writes one), bundle:=FOLDER, or both")
    parameters = {
        'arm': given['arm'],
        'bundle': given['bundle'],
        'rollouts_dir': given['rollouts'],
        'instruction': given['instruction'],
        'autostart': False,
    }
    if given['trajectory'] or not given['arm']:
        parameters['controller.topic'] = given['trajectory'] or USUAL_CONTROLLER
    for name, topic in cameras(given['cameras']).items():
        parameters[f'camera.{name}.topic'] = topic
    robot = LifecycleNode(
        package='reverie',
        executable='robot',
        name='robot',
        namespace=given['namespace'],
        parameters=[parameters],
        output='screen',
    )
    return [*drive(robot), robot]


def generate_launch_description():
    declared = [
        DeclareLaunchArgument('arm', default_value='', description='arm file; empty: the bundle says it all'),
        DeclareLaunchArgument('bundle', default_value='',
                              description='folder of the policy bundle; empty: none, to record demonstrations'),
        DeclareLaunchArgument('rollouts', default_value='rollouts', description='folder for the recorded episodes'),
        DeclareLaunchArgument('instruction', default_value='', description='of goals that have none'),
        DeclareLaunchArgument('namespace', default_value='', description='of the node and its relative names'),
        DeclareLaunchArgument('trajectory', default_value='',
                              description='topic on which the arm takes its commands; empty: that of the arm file, '
                                          'else ' + USUAL_CONTROLLER),
        DeclareLaunchArgument('cameras', default_value='',
                              description='topics of images: front=/a/image_raw,wrist=/b/image_raw; empty: those of '
                                          'the arm file, else <camera>/image_raw'),
    ]
    return LaunchDescription([
        *declared,
        refuse_unknown(__file__, declared),
        OpaqueFunction(function=start),
    ])
