"""Reads a policy bundle with the tools of others.

check_bundle.py BUNDLE INPUTS OUTPUTS BACK: checks BUNDLE/policy.onnx with onnx.checker, runs it by
ONNX Runtime on the arrays of INPUTS, compares with OUTPUTS, and writes the weights again to BACK.
"""

import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file, save_file

bundle, inputs, outputs, back = sys.argv[1:]
onnx.checker.check_model(f"{bundle}/policy.onnx", full_check=True)

model = onnx.load(f"{bundle}/policy.onnx")  # with external data
weights = load_file(f"{bundle}/policy.safetensors")
assert {i.name for i in model.graph.initializer} == set(weights)
for initializer in model.graph.initializer:
    numpy.testing.assert_array_equal(onnx.numpy_helper.to_array(initializer), weights[initializer.name])

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(f"{bundle}/policy.onnx", options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]
expected = load_file(outputs)
for name, actual in zip(names, session.run(names, load_file(inputs)), strict=True):
    numpy.testing.assert_allclose(actual, expected[name], rtol=0, atol=1e-5)
save_file(weights, back)
print("the same")
