"""Holds requests against the models that AWS publishes of its APIs, which botocore carries.

Reads a JSON list of {service, operation, input} from standard input, and prints a JSON list of what the models do not allow:
unknown members, wrong types, missing members, values outside enumerations, lengths, ranges and patterns.
"""

import json
import re
import sys

from botocore.loaders import Loader
from botocore.model import ServiceModel

loader = Loader()
models: dict[str, ServiceModel] = {}


def model_of(service: str) -> ServiceModel:
    if service not in models:
        models[service] = ServiceModel(loader.load_service_model(service, "service-2"), service)
    return models[service]


TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "map": dict, "structure": dict}


def check(shape, value, path):
    kind = shape.type_name
    wanted = TYPES.get(kind)
    if wanted is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        yield f"{path}: {kind} wanted"
        return
    limits = shape.metadata
    if kind == "string":
        yield from check_text(limits, value, path)
    elif kind in ("integer", "long", "float", "double"):
        yield from check_bounds(limits, value, path, "")
    elif kind == "list":
        yield from check_bounds(limits, len(value), path, " items")
        for item in value:
            yield from check(shape.member, item, f"{path}.*")
    elif kind == "map":
        yield from check_bounds(limits, len(value), path, " items")
        for key, member in value.items():
            yield from check(shape.key, key, f"{path}.{key}")
            yield from check(shape.value, member, f"{path}.{key}")
    elif kind == "structure":
        for name in shape.required_members:
            if name not in value:
                yield f"{path}.{name}: missing"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: no such member"
            else:
                yield from check(shape.members[name], member, f"{path}.{name}")


def check_text(limits, value, path):
    if "enum" in limits and value not in limits["enum"]:
        yield f"{path}: {value!r} is none of {', '.join(limits['enum'])}"
    yield from check_bounds(limits, len(value), path, " characters")
    if "pattern" in limits:
        try:
            matches = re.fullmatch(java_to_python(limits["pattern"]), value)
        except re.error:
            return  # A dialect that Python does not speak.
        if not matches:
            yield f"{path}: {value!r} does not match {limits['pattern']}"


def java_to_python(pattern):
    """The models' patterns are Java's; of its classes only these are used."""
    for name, members in {
        r"\p{IsLetter}": "A-Za-z\u00c0-\u024f", r"\p{L}": "A-Za-z\u00c0-\u024f", r"\p{Z}": r" ", r"\p{N}": "0-9",
        r"\p{IsDigit}": "0-9", r"\p{Alnum}": "A-Za-z0-9", r"\p{M}": "", r"\p{S}": "$+<=>^`|~", r"\p{P}": r"!-/:-@\[-_{}",
    }.items():  # fmt: skip
        pattern = pattern.replace(name, members)
    return pattern.replace("&&", "")


def check_bounds(limits, size, path, unit):
    if "min" in limits and size < limits["min"]:
        yield f"{path}: {size}{unit} is less than {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"{path}: {size}{unit} is more than {limits['max']}"


def main():
    problems = []
    for request in json.load(sys.stdin):
        operation = model_of(request["service"]).operation_model(request["operation"])
        if operation.input_shape is None:
            continue
        for problem in check(operation.input_shape, request["input"], request["operation"]):
            problems.append(f"{request['service']} {problem}")
    json.dump(sorted(set(problems)), sys.stdout)


main()
