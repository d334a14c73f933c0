"""Writes ONNX's own node tests: onnx_node_tests.py FOLDER OPERATOR...

For each test that uses these operators alone FOLDER/NAME/ gets model.onnx, inputs and outputs, the latter two as
safetensors. A sequence that goes in or out is made of its tensors inside of the graph, or taken apart there. Left out
are tests whose values are no plain numeric arrays or sequences of them. Prints how many were written and left out.
"""

import pathlib
import sys
import warnings

import numpy
from onnx import helper
from onnx.backend.test.case.node import collect_testcases
from safetensors.numpy import save_file

TYPES = {
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"
}  # fmt: skip


class Other(Exception):
    """Values that are no plain numeric arrays."""


def array(value):
    value = numpy.asarray(value)
    if str(value.dtype) not in TYPES:
        raise Other
    return numpy.ascontiguousarray(value).reshape(value.shape)


def info(name, value):
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def flat(graph, values, infos, inside):
    """The values as arrays by name, and the graph changed so that it takes or gives these."""
    arrays, declared = {}, []
    for value, declaration in zip(values, infos, strict=False):
        name = declaration.name
        if not isinstance(value, list):
            arrays[name] = array(value)
            declared.append(declaration)
            continue
        parts = {f"{name}.{i}": array(part) for i, part in enumerate(value)}
        if inside:
            made = helper.make_node("SequenceConstruct", list(parts), [name])
            graph.node.insert(0, made if parts else helper.make_node("SequenceEmpty", [], [name]))
        else:
            parts[f"{name}.length"] = numpy.array(len(value))
            graph.node.append(helper.make_node("SequenceLength", [name], [f"{name}.length"]))
            for i in range(len(value)):
                place = helper.make_tensor(f"{name}.at{i}", 7, [], [i])
                graph.node.append(helper.make_node("Constant", [], [f"{name}.at{i}"], value=place))
                graph.node.append(helper.make_node("SequenceAt", [name, f"{name}.at{i}"], [f"{name}.{i}"]))
        arrays |= parts
        declared += [info(*part) for part in parts.items()]
    return arrays, declared


def write(case, folder):
    model, (inputs, outputs) = case.model, case.data_sets[0]
    inputs, taken = flat(model.graph, inputs, model.graph.input, True)
    outputs, given = flat(model.graph, outputs, model.graph.output, False)
    for declared, changed in ((model.graph.input, taken), (model.graph.output, given)):
        del declared[:]
        declared.extend(changed)
    target = folder / case.name
    target.mkdir()
    (target / "model.onnx").write_bytes(model.SerializeToString())
    save_file(inputs, target / "inputs")
    save_file(outputs, target / "outputs")


def main():
    folder, operators = pathlib.Path(sys.argv[1]), set(sys.argv[2:])
    warnings.simplefilter("ignore")
    written = other = foreign = 0
    for case in collect_testcases(None):
        if case.model is None:
            continue
        nodes = case.model.graph.node
        if not {node.op_type for node in nodes} <= operators or any(node.domain for node in nodes):
            foreign += 1
            continue
        try:
            write(case, folder)
            written += 1
        except Other:
            other += 1
    print(written, other, foreign)


main()
