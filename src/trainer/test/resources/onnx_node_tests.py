"""Writes ONNX's own node tests: onnx_node_tests.py FOLDER OPERATOR...

For each test of one of the operators FOLDER/NAME/ gets model.onnx, inputs and outputs, the latter two as
safetensors. Left out are tests whose values are no plain numeric arrays, and those "expanded" from functions.
"""

import pathlib
import sys
import warnings

import numpy
from onnx.backend.test.case.node import collect_testcases
from safetensors.numpy import save_file

TYPES = {"float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"}


def arrays(names, values):
    """The named arrays, or None where one is no plain numeric array."""
    values = [numpy.asarray(v) if numpy.isscalar(v) else v for v in values]
    if not all(isinstance(v, numpy.ndarray) and str(v.dtype) in TYPES for v in values):
        return None
    return {n: numpy.ascontiguousarray(v).reshape(v.shape) for n, v in zip(names, values, strict=False)}


folder, operators = pathlib.Path(sys.argv[1]), set(sys.argv[2:])
warnings.simplefilter("ignore")
written = 0
for case in collect_testcases(None):
    if case.model is None or not {node.op_type for node in case.model.graph.node} <= operators:
        continue
    if "_expanded" in case.name or any(node.domain for node in case.model.graph.node):
        continue
    inputs, outputs = case.data_sets[0]
    inputs = arrays([i.name for i in case.model.graph.input], inputs)
    outputs = arrays([o.name for o in case.model.graph.output], outputs)
    if inputs is None or outputs is None:
        continue
    target = folder / case.name
    target.mkdir()
    (target / "model.onnx").write_bytes(case.model.SerializeToString())
    save_file(inputs, target / "inputs")
    save_file(outputs, target / "outputs")
    written += 1
print(written)
