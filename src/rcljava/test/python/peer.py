"""The rclpy side of the tests: peer.py ROLE [ARGUMENT...] --ros-args ...

It says on standard output, a line each, what it is ready for and what it saw.
"""

import importlib
import pathlib
import random
import sys
import threading
import time

import rclpy
import rclpy.lifecycle
from lifecycle_msgs.msg import TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetAvailableStates, GetAvailableTransitions, GetState
from rcl_interfaces.msg import Log, ParameterDescriptor, ParameterEvent
from rclpy.action import ActionClient, ActionServer, CancelResponse, GoalResponse
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.parameter import Parameter, parameter_value_to_python
from rclpy.parameter_client import AsyncParameterClient
from rclpy.qos import DurabilityPolicy, QoSPolicyKind, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.serialization import serialize_message
from std_msgs.msg import String
from std_srvs.srv import SetBool
from test_msgs.action import Fibonacci
from test_msgs.msg import BasicTypes as BasicMessage
from test_msgs.msg import Empty as EmptyMessage
from test_msgs.srv import Arrays, BasicTypes
from type_description_interfaces.srv import GetTypeDescription

sys.path.append(str(pathlib.Path(__file__).parents[3] / "msgs/test/python"))
ROLES = {}


def role(function):
    ROLES[function.__name__] = function
    return function


def say(*words):
    print(*words, flush=True)


def tell_when_met(node, words, *services):
    """Says the words once all of the services have a client.

    The middleware drops a response whose reader it has not met 100 ms after the request.
    """

    def look():
        if all(node.count_clients(service) for service in services):
            say(words)
            timer.cancel()

    timer = node.create_timer(0.1, look)


def interface(full):
    package, kind, name = full.split("/")
    return getattr(importlib.import_module(f"{package}.{kind}"), name)


def spin_until(node, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain")
        rclpy.spin_once(node, timeout_sec=0.05)


@role
def echo(node, *types):
    """Sends random messages of each type, and back what it gets of them."""
    from random_messages import random_message

    r = random.Random(7)
    publishers = []
    for full in types:
        cls, name = interface(full), full.replace("/", "_")
        back = node.create_publisher(cls, f"to_java/{name}", 10)
        node.create_subscription(cls, f"to_python/{name}", back.publish, 10)
        publishers.append(back)
    spin_until(node, lambda: all(p.get_subscription_count() > 0 for p in publishers))
    for full in types:
        samples = [random_message(interface(full), r) for _ in range(3)]
        for sample in samples:
            say("sample", full, serialize_message(sample).hex())
    say("samples_end")
    rclpy.spin(node)


@role
def chat(node, name):
    """Says its name on a topic and tells whom it hears there."""
    heard = set()

    def tell(m):
        if m.data not in heard:
            heard.add(m.data)
            say("heard", m.data)

    node.create_subscription(String, "chatter", tell, 10)
    publisher = node.create_publisher(String, "chatter", 10)
    node.create_timer(0.1, lambda: publisher.publish(String(data=name)))
    rclpy.spin(node)


@role
def serve(node):
    """A service and an action for Java to call."""
    def fibonacci(goal):
        sequence = [0, 1]
        for _ in range(goal.request.order):
            if goal.is_cancel_requested:
                goal.canceled()
                return Fibonacci.Result(sequence=sequence)
            sequence.append(sequence[-2] + sequence[-1])
            goal.publish_feedback(Fibonacci.Feedback(sequence=sequence))
            if goal.request.order > 40:
                time.sleep(0.02)
        goal.abort() if goal.request.order == 13 else goal.succeed()
        return Fibonacci.Result(sequence=sequence)

    def set_bool(request, response):
        response.success, response.message = not request.data, "said \u00e9"
        return response

    def basic_types(request, response):
        for field in request.get_fields_and_field_types():
            setattr(response, field, getattr(request, field))
        return response

    group = ReentrantCallbackGroup()
    node.create_service(SetBool, "set_bool", set_bool)
    node.create_service(BasicTypes, "basic_types", basic_types)
    ActionServer(
        node,
        Fibonacci,
        "fibonacci",
        fibonacci,
        goal_callback=lambda g: GoalResponse.ACCEPT if g.order >= 0 else GoalResponse.REJECT,
        cancel_callback=lambda g: CancelResponse.ACCEPT,
        callback_group=group,
    )
    executor = MultiThreadedExecutor(2)
    executor.add_node(node)
    say("ready")
    tell_when_met(node, "met action", "fibonacci/_action/send_goal")
    tell_when_met(node, "met services", "set_bool", "basic_types")
    executor.spin()


def finish(node, future):
    spin_until(node, future.done)
    return future.result()


@role
def call(node):
    """Calls the services of Java."""
    client = node.create_client(SetBool, "set_bool")
    later = node.create_client(SetBool, "later")
    arrays = node.create_client(Arrays, "arrays")
    spin_until(node, lambda: all(c.service_is_ready() for c in (client, later, arrays)))
    for i in range(10):
        response = finish(node, client.call_async(SetBool.Request(data=i % 2 == 0)))
        say("set_bool", response.success, response.message)
    futures = [later.call_async(SetBool.Request(data=i % 2 == 0)) for i in range(5)]
    say("later", *(finish(node, f).success for f in futures))
    request = Arrays.Request()
    request.string_values = ["a", "b\u00e9", ""]
    response = finish(node, arrays.call_async(request))
    say("arrays", list(response.string_values) == request.string_values)


@role
def act(node):
    """Sends goals to Java: one that succeeds, is rejected, aborts, is cancelled, waits."""
    client = ActionClient(node, Fibonacci, "fibonacci")
    spin_until(node, client.server_is_ready)
    feedback = []

    def send(order):
        future = client.send_goal_async(
            Fibonacci.Goal(order=order), lambda m: feedback.append(list(m.feedback.sequence))
        )
        return finish(node, future)

    def tell(word, goal):
        answer = finish(node, goal.get_result_async())
        say(word, answer.status, list(answer.result.sequence))

    tell("succeeded", send(4))
    spin_until(node, lambda: len(feedback) == 3)
    say("feedback", feedback)
    say("rejected", send(-1).accepted)
    tell("aborted", send(13))
    goal = send(50)
    say("cancel", finish(node, goal.cancel_goal_async()).return_code)
    tell("canceled", goal)
    say("cancel_again", finish(node, goal.cancel_goal_async()).return_code)
    goal = send(60)
    say("cancel_refused", finish(node, goal.cancel_goal_async()).return_code)
    tell("unstoppable", goal)
    tell("deferred", send(7))

    client = ActionClient(node, Fibonacci, "forgetful")
    spin_until(node, client.server_is_ready)
    goal = send(13)
    time.sleep(0.1)
    tell("expired", goal)


@role
def rosout(node, logger):
    """Tells what the node of Java logs."""
    def tell(m):
        if m.name.startswith(logger):
            say("rosout", m.level, m.file, m.msg.replace("\n", "|"))

    qos = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    node.create_subscription(Log, "/rosout", tell, qos)
    rclpy.spin(node)


@role
def param(node):
    """Uses the parameters of the node of Java as ros2 param does, and listens to its events."""
    events = []
    node.create_subscription(ParameterEvent, "/parameter_events", events.append, 1000)
    java = f"{node.get_namespace()}/java"

    def event(kind, name):
        def find():
            return [
                p for e in events if e.node == java for p in getattr(e, kind) if p.name == name
            ]

        spin_until(node, find)
        return find()[-1]

    client = AsyncParameterClient(node, "java")
    spin_until(node, client.services_are_ready)
    say("ready")
    last = event("new_parameters", "complete")
    say("event_new_last", last.name)
    say("list", sorted(finish(node, client.list_parameters()).result.names))
    limits = finish(node, client.list_parameters(["limits"], 1)).result
    say("list_limits", limits.names, limits.prefixes)
    say("list_deep", sorted(finish(node, client.list_parameters(["limits"])).result.names))

    def get(*names):
        values = finish(node, client.get_parameters(list(names))).values
        return [parameter_value_to_python(v) for v in values]

    say("get", *get("rate", "joints", "raw", "any", "absent"))
    say("types", *finish(node, client.get_parameter_types(["flag", "limits.speed", "raw"])).types)
    rate, flag, any_, count = finish(
        node, client.describe_parameters(["rate", "flag", "any", "count"])
    ).descriptors
    floats, integers = rate.floating_point_range[0], count.integer_range[0]
    say(
        "rate", rate.name, rate.type, repr(rate.description), repr(rate.additional_constraints),
        rate.read_only, rate.dynamic_typing, floats.from_value, floats.to_value, floats.step,
    )
    say(
        "flag_any_count", flag.read_only, any_.dynamic_typing,
        integers.from_value, integers.to_value, integers.step,
    )

    def set_each(*values):
        parameters = [Parameter(name, value=value) for name, value in values]
        return finish(node, client.set_parameters(parameters)).results

    def set_together(*values):
        parameters = [Parameter(name, value=value) for name, value in values]
        return finish(node, client.set_parameters_atomically(parameters)).result

    say("set_rate", set_each(("rate", 30.5))[0].successful)
    changed = event("changed_parameters", "rate")
    say("event_changed", changed.name, changed.value.double_value)
    for word, value in {
        "range": ("rate", 0.5), "type": ("rate", "fast"), "read_only": ("flag", False),
        "absent": ("absent", 1),
    }.items():
        result = set_each(value)[0]
        say("set_" + word, result.successful, result.reason)
    results = set_each(("count", 3), ("count", 11), ("limits.speed", 2.5))
    say("set_each", *(r.successful for r in results))
    say("got_each", *get("count", "limits.speed"))
    say("set_together", set_together(("limits.speed", 9.5), ("count", 11)).successful)
    say("got_together", *get("count", "limits.speed"))
    say("set_both", set_together(("limits.speed", 3.5), ("count", 4)).successful)
    say("got_both", *get("count", "limits.speed"))
    say("delete_any", set_each(("any", None))[0].successful)
    say("event_deleted", event("deleted_parameters", "any").name)
    say("set_sim_time", set_each(("use_sim_time", True))[0].successful)


@role
def parametrized(node):
    """Has parameters for Java to use."""
    node.declare_parameter("speed", 1.5)
    node.declare_parameter("names", ["a", "b"])
    node.declare_parameter(
        "arm.id", 7, ParameterDescriptor(description="which arm", read_only=True)
    )
    kinds = "list", "get", "set", "describe"
    tell_when_met(node, "met", *(f"~/{kind}_parameters" for kind in kinds))
    rclpy.spin(node)


@role
def qos_overrides(node):
    """Tells which parameters rclpy declares for publisher and subscription of a topic."""
    policies = [kind for kind in QoSPolicyKind if kind.name != "INVALID"]
    for create, arguments in (
        (node.create_publisher, ()),
        (node.create_subscription, (lambda m: None,)),
    ):
        options = QoSOverridingOptions(policies, entity_id="me")
        create(EmptyMessage, "image", *arguments, QoSProfile(depth=7), qos_overriding_options=options)
    for name, parameter in sorted(node.get_parameters_by_prefix("qos_overrides").items()):
        if "avoid_ros" not in name:
            read_only = node.describe_parameter("qos_overrides." + name).read_only
            say("override", name, parameter.value, read_only)
    say("overrides_end")


@role
def graph(node):
    """Has parts for Java to find."""
    qos = QoSProfile(
        depth=1,
        reliability=ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
        deadline=Duration(seconds=1.5),
    )
    node.create_publisher(BasicMessage, "numbers", qos)
    node.create_subscription(EmptyMessage, "empties", lambda m: None, 1)
    node.create_service(SetBool, "flip", lambda request, response: response)
    node.create_client(SetBool, "flop")
    spin_until(node, lambda: node.get_publishers_info_by_topic("numbers"))
    say("type_hash", node.get_publishers_info_by_topic("numbers")[0].topic_type_hash)
    rclpy.spin(node)


@role
def inspect(node, name):
    """Looks at the parts of the node of Java."""
    namespace = node.get_namespace()
    spin_until(
        node,
        lambda: node.get_publishers_info_by_topic("numbers")
        and (name, namespace) in node.get_node_names_and_namespaces()
        and dict(node.get_service_names_and_types_by_node(name, namespace)).get(f"{namespace}/flip")
        and dict(node.get_client_names_and_types_by_node(name, namespace)).get(f"{namespace}/flop"),
    )
    info = node.get_publishers_info_by_topic("numbers")[0]
    qos = info.qos_profile
    say(
        "qos", qos.reliability.name, qos.durability.name, qos.deadline.nanoseconds / 1e9,
        qos.lifespan.nanoseconds / 1e9, qos.liveliness.name,
        qos.liveliness_lease_duration.nanoseconds / 1e9,
    )
    services = dict(node.get_service_names_and_types_by_node(name, namespace))
    say("service", services[f"{namespace}/flip"] == ["std_srvs/srv/SetBool"])
    clients = dict(node.get_client_names_and_types_by_node(name, namespace))
    say("client", clients[f"{namespace}/flop"] == ["std_srvs/srv/SetBool"])
    describe = node.create_client(GetTypeDescription, f"{name}/get_type_description")
    spin_until(node, describe.service_is_ready)
    request = GetTypeDescription.Request(
        type_name="test_msgs/msg/BasicTypes", type_hash=str(info.topic_type_hash)
    )
    answer = finish(node, describe.call_async(request))
    described = answer.type_description.type_description
    say("description", answer.successful, described.type_name, len(described.fields))
    request.type_hash = "RIHS01_" + 64 * "0"
    say("unknown_description", finish(node, describe.call_async(request)).successful)


@role
def lifecycle(node, name):
    """Drives the managed node of Java through its states, and compares it with one of rclpy."""
    own = rclpy.lifecycle.LifecycleNode("own", namespace=node.get_namespace())
    executor = MultiThreadedExecutor(2)
    executor.add_node(own)
    spinner = threading.Thread(target=executor.spin, daemon=True)
    spinner.start()
    events = []
    node.create_subscription(
        TransitionEvent, f"{name}/transition_event",
        lambda e: events.append(f"{e.transition.label}:{e.start_state.label}>{e.goal_state.label}"), 100,
    )

    def ask(of, cls, service, request=None):
        client = node.create_client(cls, f"{of}/{service}")
        spin_until(node, client.service_is_ready)
        return finish(node, client.call_async(request or cls.Request()))

    def steps(of, service):
        return [
            (t.transition.id, t.transition.label, t.start_state.label, t.goal_state.label)
            for t in ask(of, GetAvailableTransitions, service).available_transitions
        ]

    def states(of):
        return [(s.id, s.label) for s in ask(of, GetAvailableStates, "get_available_states").available_states]

    def state():
        return ask(name, GetState, "get_state").current_state

    def change(**transition):
        request = ChangeState.Request()
        for field, value in transition.items():
            setattr(request.transition, field, value)
        return ask(name, ChangeState, "change_state", request).success

    say("states", states(name) == states("own"))
    say("graph", steps(name, "get_transition_graph") == steps("own", "get_transition_graph"))
    say("available", *(label for _, label, _, _ in steps(name, "get_available_transitions")))
    say("state", state().id, state().label)
    spin_until(node, lambda: node.count_publishers(f"{name}/transition_event"))
    say("activate_at_once", change(id=3))
    say("configure", change(id=1), state().label)
    say("activate", change(label="activate"), state().label)
    say("deactivate", change(id=4), state().label)
    say("cleanup", change(id=2), state().label)
    say("shutdown", change(id=5), state().label)
    spin_until(node, lambda: len(events) == 10)
    say("events", *events)
    say("available_at_last", *steps(name, "get_available_transitions"))
    executor.shutdown()
    spinner.join()  # Python may not end under a thread that waits in rcl


def main():
    words = sys.argv[1 : sys.argv.index("--ros-args")]
    rclpy.init(args=sys.argv)
    node = rclpy.create_node("python")
    try:
        ROLES[words[0]](node, *words[1:])
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == "__main__":
    main()
