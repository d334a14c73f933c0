#!/usr/bin/env python3
"""ONNX's own node tests in the trainer's executor: how many pass, and what is said of the others.

    mvn -q -pl src/trainer -am -DskipTests package && eval "$(./reverie ros-env)"
    "$REVERIE_PYTHON" bench/onnx_nodes.py

needs the packages onnx and safetensors, which the prepared environment has. OnnxConformanceTest runs the same tests.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    module = ROOT / "src" / "trainer"
    classpath = f"{module}/target/test-classes:{module}/target/classes:{(module / 'target' / 'classpath').read_text()}"
    java_home = os.environ.get("JAVA_HOME")
    java = f"{java_home}/bin/java" if java_home else "java"
    script = module / "test" / "resources" / "onnx_node_tests.py"
    command = [java, f"@{ROOT}/setup/java/trainer.args", "-cp", classpath, "dev.reverie.trainer.onnx.NodeTests"]
    sys.exit(subprocess.run([*command, sys.executable, str(script)]).returncode)


if __name__ == "__main__":
    main()
