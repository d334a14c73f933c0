"""The simulated arm in real time, and the node beside it.

ros2 launch reverie simulated_arm.launch.py bundle:=/models/base
"""

from launch.actions import DeclareLaunchArgument, EmitEvent, RegisterEventHandler
from launch.event_handlers import OnProcessStart
from launch.events import matches_action
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import LifecycleNode, Node
from launch_ros.event_handlers import OnStateTransition
from launch_ros.events.lifecycle import ChangeState
from lifecycle_msgs.msg import Transition

from launch import LaunchDescription


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


def generate_launch_description():
    robot = LifecycleNode(
        package='reverie',
        executable='robot',
        name='robot',
        namespace='',
        parameters=[{
            'bundle': LaunchConfiguration('bundle'),
            'rollouts_dir': LaunchConfiguration('rollouts'),
            'autostart': False,
        }],
        output='screen',
    )
    return LaunchDescription([
        DeclareLaunchArgument('bundle', description="folder of the policy bundle"),
        DeclareLaunchArgument('rollouts', default_value='rollouts', description='folder for the recorded episodes'),
        Node(package='reverie', executable='simulated_arm', name='simulated_arm', output='screen'),
        *drive(robot),
        robot,
    ])
