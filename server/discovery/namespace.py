"""The addresses of the daemon as OSCQuery describes them: nodes with attributes, in a tree.

Commands come from the command table, values from the daemon's state. Nothing here knows HTTP.
"""

import math
from typing import Any, Literal

from sdaudio.errors import UsageError, nearest_hint

from ..registry import Command, Parameter, Registry
from ..state import CONTAINERS, ROOT, Node, State, Value

Attributes = dict[str, Any]
Attribute = Literal[
    "FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT", "OVERLOADS",
    "TAGS", "EXTENDED_TYPE", "CRITICAL", "CLIPMODE", "HTML",
]  # fmt: skip
ATTRIBUTES = frozenset(Attribute.__args__)  # type: ignore[attr-defined]
"""Every attribute of the proposal; the last five are known to it but no node here has them."""

EXTENSIONS = {
    "ACCESS": True, "VALUE": True, "RANGE": True, "DESCRIPTION": True, "UNIT": True,
    "OVERLOADS": True, "TAGS": False, "EXTENDED_TYPE": False, "CRITICAL": False, "CLIPMODE": False,
    "HTML": False, "LISTEN": True, "PATH_CHANGED": True, "PATH_ADDED": True, "PATH_REMOVED": True,
    "PATH_RENAMED": False, "ECHO": False, "OSC_STREAMING": False,
}  # fmt: skip
"""What HOST_INFO says is supported."""

_NO_ACCESS, _READ, _WRITE = 0, 1, 2
_IMPULSE = "I"
"""The type of a command without arguments: hosts make a button of it."""
_UNITS = {"dB": "gain.db", "s": "time.second", "Hz": "time.hz"}
_TAGS: dict[type, str] = {bool: "T", int: "i", float: "f", str: "s"}


class Namespace:
    """Answers what a node is.

    Args:
        registry: the commands.
        state: the values.
        sections: what the containers hold, by their address.
    """

    def __init__(self, registry: Registry, state: State, sections: dict[str, str]) -> None:
        self._commands = {address: _of_command(registry[address]) for address in registry.addresses}
        self._state = state
        self._sections = sections | CONTAINERS

    def describe(self, path: str) -> Attributes:
        """All attributes of a node and of everything in it.

        Raises:
            UsageError: there is no such node; the text names the nearest one.
        """
        leaves = self._leaves(path)
        top = leaves.pop(path) if path in leaves else self._container(path)
        contents: dict[str, Attributes] = {}
        if leaves:
            contents[path.rstrip("/")] = top.setdefault("CONTENTS", {})
        for address, attributes in leaves.items():
            holder, _, name = address.rpartition("/")
            if holder not in contents:
                self._make(holder, contents)
            contents[holder].setdefault(name, attributes)
            if "CONTENTS" in attributes:
                contents[address] = contents[holder][name].setdefault("CONTENTS", {})
        return top

    def attribute(self, path: str, name: str) -> Any | None:  # noqa: ANN401 (JSON)
        """One attribute of a node, or None when the node has none of this name.

        Raises:
            UsageError: there is no such node.
        """
        return self.describe(path).get(name)

    def _leaves(self, path: str) -> dict[str, Attributes]:
        prefix = f"{path.rstrip('/')}/"
        found = {
            address: dict(attributes)
            for address, attributes in self._commands.items()
            if address == path or address.startswith(prefix)
        }
        try:
            nodes = self._state.nodes_near(path)
        except UsageError:
            nodes = []  # neither that grid nor that model is there
        for node in nodes:
            if node.address == path or node.address.startswith(prefix):
                found[node.address] = found.get(node.address, {}) | _of_node(node)
        # they stand even when nothing is in them, because PATH_CHANGED names them
        for address in CONTAINERS:
            if address == path or address.startswith(prefix):
                found.setdefault(address, self._container(address))
        if not found and path != "/":
            known = [*self._commands, *self._sections]
            raise UsageError(
                f"There is no node '{path[:128]}'.{nearest_hint(path[:128], known)} / shows all."
            )
        return found

    def _make(self, path: str, contents: dict[str, Attributes]) -> None:
        """Make a container and those around it, and remember where their contents are."""
        holder, _, name = path.rpartition("/")
        if holder not in contents:
            self._make(holder, contents)
        made = contents[holder].setdefault(name, self._container(path))
        contents[path] = made.setdefault("CONTENTS", {})

    def _container(self, path: str) -> Attributes:
        attributes: Attributes = {"FULL_PATH": path, "ACCESS": _NO_ACCESS, "CONTENTS": {}}
        if path in self._sections:
            attributes["DESCRIPTION"] = self._sections[path]
        return attributes


def _of_command(command: Command) -> Attributes:
    required = [p for p in command.parameters if p.required or p.variadic]
    attributes: Attributes = {
        "FULL_PATH": command.address,
        "ACCESS": _WRITE,
        "DESCRIPTION": f"{command.usage}\n{command.page}",
        **_arguments(required),
    }
    if len(required) < len(command.parameters):
        attributes["OVERLOADS"] = [_arguments(list(command.parameters))]
    return attributes


def _arguments(parameters: list[Parameter]) -> Attributes:
    if not parameters:
        return {"TYPE": _IMPULSE}
    attributes: Attributes = {"TYPE": "".join(parameter.type_tag for parameter in parameters)}
    ranges = [_range_of(parameter) for parameter in parameters]
    if any(ranges):
        attributes["RANGE"] = ranges
    if any(parameter.spec.unit in _UNITS for parameter in parameters):
        attributes["UNIT"] = [_UNITS.get(parameter.spec.unit) for parameter in parameters]
    return attributes


def _range_of(parameter: Parameter) -> Attributes | None:
    if parameter.kind == "switch":
        return {"VALS": [0, 1]}
    whole = parameter.kind == "whole"
    return _range(parameter.spec.low, parameter.spec.high, whole=whole)


def _range(low: float | None, high: float | None, *, whole: bool) -> Attributes | None:
    if low is None and high is None:
        return None
    limits = {
        key: int(limit) if whole else limit
        for key, limit in (("MIN", low), ("MAX", high))
        if limit is not None and math.isfinite(limit)
    }
    return limits or None


def _of_node(node: Node) -> Attributes:
    if not node.address.startswith(f"{ROOT}/"):
        # a command that is a value as well keeps its type, range and manual page
        return {"ACCESS": _READ | _WRITE, "VALUE": [node.value]}
    attributes: Attributes = {
        "FULL_PATH": node.address,
        "ACCESS": _READ | _WRITE if node.write else _READ,
        "DESCRIPTION": node.text,
        "TYPE": type_tag(node.value),
        "VALUE": [node.value],
    }
    limits = _range(node.low, node.high, whole=isinstance(node.value, int))
    if limits:
        attributes["RANGE"] = [limits]
    return attributes


def type_tag(value: Value) -> str:
    """The OSC type tag of a value; a switch is ``T`` whether it is on or off."""
    return _TAGS[type(value)]
