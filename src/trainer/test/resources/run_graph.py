"""Opens a graph that a stage has left with ONNX and ONNX Runtime: run_graph.py STAGE.onnx"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file

file = pathlib.Path(sys.argv[1])
onnx.checker.check_model(str(file))
model, trained = onnx.load(str(file)), load_file(file.with_suffix(".safetensors"))
arrays = {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}
for name in arrays.keys() & trained.keys():
    numpy.testing.assert_array_equal(arrays[name], trained[name])
assert arrays.keys() & trained.keys()

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
given = {
    i.name: numpy.zeros([d if isinstance(d, int) else 2 for d in i.shape], numpy.float32) for i in session.get_inputs()
}
assert all(numpy.isfinite(output).all() for output in session.run(None, given))
print(f"runs, and has the weights of {file.stem}.safetensors")
