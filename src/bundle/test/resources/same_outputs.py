"""Prints whether ONNX Runtime gives for a bundle's graph what it gives for the graph that it was made of."""

import sys

import numpy as np
import onnxruntime

before, after = (onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]) for file in sys.argv[1:3])
random = np.random.default_rng(1)
inputs = {
    "picture": random.random((3, 3, 8, 16), dtype=np.float32),
    "state": random.standard_normal((3, 2), dtype=np.float32),
}
(expected,), (actual,) = before.run(None, inputs), after.run(None, inputs)
print("the same" if np.abs(expected - actual).max() < 1e-5 * np.abs(expected).max() else f"{expected} {actual}")
