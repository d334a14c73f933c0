"""What a user of the examples runs beside them with rclpy: examples.py ROLE --ros-args ..."""

import sys

import rclpy
from geometry_msgs.msg import Twist
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters
from rclpy.action import ActionClient, ActionServer
from rclpy.parameter import Parameter
from std_msgs.msg import String
from std_srvs.srv import SetBool
from test_msgs.action import Fibonacci


def say(*words):
    print(*words, flush=True)


def call(node, kind, name, request):
    client = node.create_client(kind, name)
    if not client.wait_for_service(20):
        sys.exit(f"nobody serves {name}")
    future = client.call_async(request)
    rclpy.spin_until_future_complete(node, future, timeout_sec=20)
    return future.result()


def hear(node):
    node.create_subscription(String, "chatter", lambda m: say("heard", m.data), 10)
    rclpy.spin(node)


def talk(node):
    publisher = node.create_publisher(String, "chatter", 10)
    node.create_timer(0.1, lambda: publisher.publish(String(data="from rclpy")))
    rclpy.spin(node)


def switch(node):
    say(call(node, SetBool, "set_bool", SetBool.Request(data=True)))


def serve_switch(node):
    def answer(request, response):
        response.message = f"rclpy was asked for {request.data}"
        return response

    node.create_service(SetBool, "set_bool", answer)
    rclpy.spin(node)


def count(node):
    client = ActionClient(node, Fibonacci, "fibonacci")
    client.wait_for_server()
    goal = client.send_goal_async(
        Fibonacci.Goal(order=4), feedback_callback=lambda m: say("feedback", list(m.feedback.sequence)))
    rclpy.spin_until_future_complete(node, goal, timeout_sec=20)
    result = goal.result().get_result_async()
    rclpy.spin_until_future_complete(node, result, timeout_sec=20)
    say("result", result.result().status, list(result.result().result.sequence))


def counter(node):
    def work(goal):
        goal.publish_feedback(Fibonacci.Feedback(sequence=[0, 1]))
        goal.succeed()
        return Fibonacci.Result(sequence=[0, 1, goal.request.order])

    ActionServer(node, Fibonacci, "fibonacci", work)
    rclpy.spin(node)


def manage(node):
    node.create_subscription(String, "chatter", lambda m: say("heard", m.data), 10)
    for label in "configure", "activate":
        request = ChangeState.Request()
        request.transition.label = label
        say(label, call(node, ChangeState, "talker/change_state", request).success)
    rclpy.spin(node)


def drive(node):
    def set_limit(value):
        parameter = Parameter("limit", value=value).to_parameter_msg()
        return call(node, SetParameters, "limiter/set_parameters", SetParameters.Request(parameters=[parameter]))

    say("too high:", set_limit(99.0).results[0].successful)
    say("set:", set_limit(2.0).results[0].successful)
    publisher = node.create_publisher(Twist, "cmd_vel", 10)
    node.create_subscription(Twist, "cmd_vel_limited", lambda m: say("speed", m.linear.x), 10)
    speeds = [1.5, 7.0]

    def publish():
        twist = Twist()
        twist.linear.x = speeds[0]
        speeds.append(speeds.pop(0))
        publisher.publish(twist)

    node.create_timer(0.1, publish)
    rclpy.spin(node)


if __name__ == "__main__":
    rclpy.init(args=sys.argv)
    try:
        globals()[sys.argv[1]](rclpy.create_node("python"))
    except (KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        pass
