"""An arm with cameras and a controller in rclpy, sound or with a fault, until its standard input ends:
arm.py FAULT... [--ros-args ...]

"moves" is none: then the joints sway. It says "ready" once it publishes."""

import math
import sys
import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import String
from trajectory_msgs.msg import JointTrajectory

FAULTS = set(sys.argv[1:])  # and arguments of ROS 2, which are none
JOINTS = ["left_shoulder", "left_elbow", "w"] if "other_names" in FAULTS else ["shoulder", "elbow", "wrist"]
SIDE = 32


def urdf():
    text = '<robot name="peer"><link name="base"/>'
    parent = "base"
    for joint in JOINTS:
        text += (f'<link name="{joint}_link"/><joint name="{joint}" type="revolute"><parent link="{parent}"/>'
                 f'<child link="{joint}_link"/><axis xyz="0 0 1"/>'
                 '<limit lower="-2" upper="2" velocity="3" effort="1"/></joint>')
        parent = joint + "_link"
    return text + "</robot>"


def bright(camera):
    """Front is bright at the top, wrist at the left."""
    return [(200 if (y if camera == "front" else x) < SIDE / 2 else 40) for y in range(SIDE) for x in range(SIDE)]


class Arm:
    def __init__(self):
        self.node = rclpy.create_node("arm")
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.VOLATILE if "volatile" in FAULTS
                             else DurabilityPolicy.TRANSIENT_LOCAL)
        self.description = self.node.create_publisher(String, "robot_description", latched)
        self.description.publish(String(data=urdf()))
        self.joints = [(self.node, self.node.create_publisher(JointState, "joint_states", 10))]
        self.others = [self.joints[0]]
        if "two_publishers" in FAULTS:
            other = rclpy.create_node("zeros")
            self.joints.append((other, other.create_publisher(JointState, "joint_states", 10)))
        if "same_name" in FAULTS:
            self.twin = rclpy.create_node("arm")
        self.cameras = {}
        for camera in ("front", "wrist"):
            if camera + "_missing" not in FAULTS:
                topic = f"{camera}/image_raw"
                self.cameras[camera] = (self.node.create_publisher(Image, topic, 10),
                                        self.node.create_publisher(CameraInfo, f"{camera}/camera_info", 10))
        if "no_controller" not in FAULTS:
            controller = rclpy.create_node("joint_trajectory_controller")
            joints = ["j1", "j2", "j3"] if "controller_joints" in FAULTS else JOINTS
            controller.declare_parameter("joints", joints)
            controller.declare_parameter("command_interfaces", ["position"])
            controller.create_subscription(JointTrajectory, "joint_trajectory", lambda message: None, 10)
            if "inactive" in FAULTS:
                from controller_manager_msgs.msg import ControllerState
                from controller_manager_msgs.srv import ListControllers

                def controllers(request, response):
                    response.controller = [ControllerState(name="joint_trajectory_controller", state="inactive")]
                    return response
                controller.create_service(ListControllers, "controller_manager/list_controllers", controllers)
            self.controller = controller
        self.count = 0
        self.node.create_timer(0.02, self.tell)
        self.node.create_timer(0.05, self.look)

    def stamp(self):
        at = time.time() - 2 * ("old" in FAULTS) + 2 * ("ahead" in FAULTS)
        stamp = self.node.get_clock().now().to_msg()
        stamp.sec, stamp.nanosec = int(at), int(at % 1 * 1e9)
        if "no_stamp" in FAULTS:
            stamp.sec = stamp.nanosec = 0
        return stamp

    def tell(self):
        for _, publisher in self.joints:
            sway = 0.1 * math.sin(3 * time.monotonic()) if "moves" in FAULTS else 0.0
            message = JointState(name=JOINTS, position=[0.1 + sway, 0.2, 0.3])
            message.header.stamp = self.stamp()
            if "nan" in FAULTS:
                message.position[1] = math.nan
            if "beyond" in FAULTS:
                message.position[2] = 2.5
            if "renamed" in FAULTS:
                message.name = ["shoulder", "elbow", "wrist_1"]
            publisher.publish(message)

    def look(self):
        self.count += 1
        for camera, (images, infos) in self.cameras.items():
            shows = {"front": "wrist", "wrist": "front"}[camera] if "swapped" in FAULTS else camera
            noise = self.count % (1 if "frozen" in FAULTS else 3 if "by_turns" in FAULTS else 7)
            grey = 0 if "black" in FAULTS else 1
            pixels = bytes(v for b in bright(shows) for v in (grey * (b + noise), grey * b, grey * (b - 30)))
            image = Image(height=SIDE, width=SIDE, encoding="rgb8", step=3 * SIDE, data=pixels)
            if "mono8" in FAULTS:
                image = Image(height=SIDE, width=SIDE, encoding="mono8", step=SIDE, data=pixels[::3])
            if "small" in FAULTS:
                image = Image(height=4, width=4, encoding="rgb8", step=12, data=pixels[:48])
            image.header.stamp = self.stamp()
            images.publish(image)
            if "zero_info" in FAULTS:
                infos.publish(CameraInfo(height=SIDE, width=SIDE))


def main():
    rclpy.init()
    arm = Arm()
    executor = SingleThreadedExecutor()
    executor.add_node(arm.node)
    if hasattr(arm, "controller"):
        executor.add_node(arm.controller)
    threading.Thread(target=executor.spin, daemon=True).start()
    while arm.count < 3:
        time.sleep(0.05)
    print("ready", flush=True)
    sys.stdin.read()


main()
