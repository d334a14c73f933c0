"""Sends every message back, decoded and encoded again, as a node would: echo.py NAMESPACE"""

import sys

import rclpy
from sensor_msgs.msg import Image, JointState

rclpy.init()
node = rclpy.create_node("echo", namespace=sys.argv[1])
for name, cls in (("joint_state", JointState), ("image", Image)):
    back = node.create_publisher(cls, f"{name}_back", 5)
    node.create_subscription(cls, name, back.publish, 5)
try:
    rclpy.spin(node)
except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
    pass
