"""One table of commands; binding, error texts, help and the reference page are derived from it.

A command is a function with annotated parameters::

    @command("/sda/grid/set", returns="revision")
    def set_codes(context: Context, grid: GridName, level: Level, ..., *code: Code) -> Results:
        '''Set one or many codes of a level, from a column on.'''

The decorator checks the declaration when the module is imported and hands the function back
unchanged. Parameters with a default are optional; a client may give optional ones in order or as
pairs of name and value (``temperature 0.8 seed 7``). Hosts differ in the types they can send, so
integral floats are taken as ints, ints as floats, and 0/1 or T/F as switches.
"""

import inspect
import math
import typing
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from sdaudio.errors import UsageError, nearest_hint

from .wire import INFINITUM, Argument

Kind = Literal["whole", "number", "text", "switch"]
Results = tuple[Argument, ...]
Handler = TypeVar("Handler", bound=Callable[..., Any])

_INJECTED = ("context", "peer", "job", "moment")
_KINDS: dict[type, Kind] = {int: "whole", float: "number", str: "text", bool: "switch"}
_KIND_WORDS: dict[Kind, str] = {
    "whole": "a whole number",
    "number": "a number",
    "text": "a text",
    "switch": "0 or 1",
}
TYPE_TAGS: dict[Kind, str] = {"whole": "i", "number": "f", "text": "s", "switch": "i"}


@dataclass(frozen=True, slots=True)
class Spec:
    """What a parameter means: a sentence, its range and its unit. Used inside ``Annotated``."""

    text: str
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Says that a parameter is given as several arguments in a row, one for each field.

    Used inside ``Annotated`` with a class that takes them in this order; all are required.
    """

    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Options:
    """Says that a parameter is a group of options that several commands share.

    Used inside ``Annotated`` with a class that takes them by name; each has a default.
    """

    fields: tuple[tuple[str, Any, Argument], ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command."""

    name: str
    kind: Kind
    spec: Spec
    required: bool
    default: Argument
    variadic: bool = False

    @property
    def range_text(self) -> str:
        """The allowed values in words."""
        low, high = self.spec.low, self.spec.high
        if self.kind == "switch":
            return "0 or 1"
        if math.isinf(low) and math.isinf(high):
            return _KIND_WORDS[self.kind]
        if math.isinf(high):
            return f"{low:g} or more"
        return f"{low:g} to {high:g}"

    @property
    def allowed(self) -> str:
        """The allowed values in words, with their unit and what is taken without it."""
        unit = f" {self.spec.unit}" if self.spec.unit else ""
        shown = "" if self.required or self.variadic else f", default {_shown(self.default)}"
        return f"{self.range_text}{unit}{shown}"

    @property
    def type_tag(self) -> str:
        """The OSC type tag it is best sent with; other numbers are understood as well."""
        return TYPE_TAGS[self.kind]


@dataclass(frozen=True, slots=True)
class Command:
    """One address: its handler, its parameters, and its manual page."""

    address: str
    handler: Callable[..., Results | Awaitable[Results | None] | None]
    parameters: tuple[Parameter, ...]
    rows: tuple[tuple[int, int, type], ...]
    """Where arguments are gathered: (first, how many, class) of each `Row`."""
    groups: tuple[tuple[str, tuple[str, ...], type], ...]
    """What gathers options: (parameter of the handler, names, class) of each `Options`."""
    injected: tuple[str, ...]
    is_job: bool
    returns: str
    summary: str
    manual: str

    @property
    def usage(self) -> str:
        """The address with its arguments, optional ones in brackets."""
        words = [self.address]
        for parameter in self.parameters:
            name = f"{parameter.name} ..." if parameter.variadic else parameter.name
            words.append(name if parameter.required else f"[{name}]")
        return " ".join(words)

    @property
    def needs_arguments(self) -> bool:
        """Whether it can't be sent bare."""
        return any(parameter.required for parameter in self.parameters)

    @property
    def page(self) -> str:
        """The manual page in plain words, with a line for every argument."""
        lines = [self.manual.replace("``", "")]
        lines += [
            f"{parameter.name} ({parameter.type_tag}): {parameter.spec.text} ({parameter.allowed})"
            for parameter in self.parameters
        ]
        return "\n".join(lines)

    def bind(self, arguments: Sequence[Argument]) -> tuple[list[Any], dict[str, Any]]:
        """Turn the arguments of a message into those of the handler.

        Returns:
            Positional values (for the required and the variadic parameters) and named ones.

        Raises:
            UsageError: an argument is missing, too many, of the wrong kind or out of range.
        """
        if len(arguments) == 1 and arguments[0] in (INFINITUM, None) and not self.needs_arguments:
            # what a button sends in hosts whose types know no message without arguments
            arguments = ()
        if not arguments and not self.needs_arguments:
            return [], {}
        rest = list(arguments)
        positional: list[Any] = []
        for number, parameter in enumerate(self.parameters, start=1):
            if not parameter.required:
                break
            if not rest:
                raise UsageError(
                    f"{self.address}: argument {number} '{parameter.name}' is missing. "
                    f"Usage: {self.usage}"
                )
            positional.append(self._value(parameter, rest.pop(0), number))
        for first, count, kind in reversed(self.rows):
            positional[first : first + count] = [kind(*positional[first : first + count])]
        if self.parameters and self.parameters[-1].variadic:
            last = self.parameters[-1]
            count = len(arguments) - len(rest)
            extra = [self._value(last, value, count + i + 1) for i, value in enumerate(rest)]
            return positional + extra, {}
        named: dict[str, Any] = self._options(rest, len(arguments) - len(rest))
        for group, names, kind in self.groups:
            named[group] = kind(**{name: named.pop(name) for name in names if name in named})
        return positional, named

    def _options(self, rest: list[Argument], taken: int) -> dict[str, Argument]:
        open_parameters = {p.name: p for p in self.parameters if not p.required}
        named: dict[str, Argument] = {}
        while rest:
            value = rest.pop(0)
            taken += 1
            if isinstance(value, str) and value in open_parameters and rest:
                parameter = open_parameters.pop(value)
                value = rest.pop(0)
                taken += 1
            elif open_parameters:
                name = next(iter(open_parameters))
                if isinstance(value, str) and open_parameters[name].kind != "text":
                    # a word where a number is due can only be a misspelt option
                    raise UsageError(
                        f"{self.address}: there is no option '{value}'."
                        f"{nearest_hint(value, open_parameters)} Usage: {self.usage}"
                    )
                parameter = open_parameters.pop(name)
            else:
                raise UsageError(
                    f"{self.address}: argument {taken} ({value!r}) is one too many. "
                    f"Usage: {self.usage}"
                )
            named[parameter.name] = self._value(parameter, value, taken)
        return named

    def _value(self, parameter: Parameter, value: Argument, number: int) -> Argument:
        kind = parameter.kind
        if kind == "whole" and type(value) is int:
            # the common case first: a packet can hold thirteen thousand codes
            spec = parameter.spec
            if spec.low <= value <= spec.high:
                return value

        def refuse(reason: str) -> UsageError:
            return UsageError(
                f"{self.address}: argument {number} '{parameter.name}' is {reason}; "
                f"allowed is {parameter.range_text}."
            )

        if kind == "text":
            # a name such as 7 or 0.5 leaves many hosts as a number
            if isinstance(value, float) and math.isfinite(value):
                value = int(value) if value.is_integer() else f"{value:g}"
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if not isinstance(value, str):
                raise refuse(f"{value!r}, not a text")
            return value
        if not isinstance(value, int | float):
            raise refuse(f"{value!r}, not {_KIND_WORDS[kind]}")
        if math.isnan(value) or math.isinf(value):
            raise refuse(f"{value}")
        if kind != "number" and not float(value).is_integer():
            raise refuse(f"{value:g}, not {_KIND_WORDS[kind]}")
        if kind == "switch":
            if value not in (0, 1):
                raise refuse(f"{value:g}")
            return bool(value)
        if not parameter.spec.low <= value <= parameter.spec.high:
            raise refuse(f"{value:g}")
        return float(value) if kind == "number" else int(value)


class Registry:
    """All commands by address."""

    def __init__(self, handlers: Iterable[Callable[..., Any]]) -> None:
        self._commands: dict[str, Command] = {}
        for handler in handlers:
            described: Command = handler.__command__  # type: ignore[attr-defined]
            if described.address in self._commands:
                raise ValueError(f"{described.address} is declared twice")
            self._commands[described.address] = described

    @property
    def addresses(self) -> list[str]:
        """All addresses, sorted."""
        return sorted(self._commands)

    def __getitem__(self, address: str) -> Command:
        """Return the command at an address.

        Raises:
            UsageError: there is none; the text names the nearest one.
        """
        if address not in self._commands:
            raise UsageError(
                f"There is no command '{address[:128]}'."
                f"{nearest_hint(address[:128], self._commands)} /sda/help lists all."
            )
        return self._commands[address]

    def __contains__(self, address: str) -> bool:
        return address in self._commands


def command(address: str, *, returns: str = "", job: bool = False) -> Callable[[Handler], Handler]:
    """Declare a command; the function comes back unchanged with its description attached.

    Args:
        address: the OSC address.
        returns: the results after ``/sda/done <address>``, or after ``/sda/job/done``, in words.
        job: the handler is a coroutine that runs as a job and is given ``job``.
    """

    def declare(handler: Handler) -> Handler:
        parameters: list[Parameter] = []
        rows: list[tuple[int, int, type]] = []
        groups: list[tuple[str, tuple[str, ...], type]] = []
        injected: list[str] = []
        for name, declared in inspect.signature(handler).parameters.items():
            if name in _INJECTED:
                injected.append(name)
                continue
            gathered = _annotation(address, name, declared.annotation)[1]
            if isinstance(gathered, Row):
                rows.append((len(parameters), len(gathered.fields), declared.annotation.__origin__))
                parameters += [
                    _parameter(address, field, hint, inspect.Parameter.empty)
                    for field, hint in gathered.fields
                ]
            elif isinstance(gathered, Options):
                names = tuple(field for field, _, _ in gathered.fields)
                groups.append((name, names, declared.annotation.__origin__))
                parameters += [
                    _parameter(address, field, hint, default)
                    for field, hint, default in gathered.fields
                ]
            else:
                is_variadic = declared.kind is inspect.Parameter.VAR_POSITIONAL
                parameters.append(
                    _parameter(
                        address, name, declared.annotation, declared.default, variadic=is_variadic
                    )
                )
        manual = inspect.cleandoc(handler.__doc__ or "")
        if not manual:
            raise ValueError(f"{address} has no manual page (docstring)")
        summary = manual.split("\n", 1)[0]
        handler.__command__ = Command(  # type: ignore[attr-defined]
            address,
            handler,
            tuple(parameters),
            tuple(rows),
            tuple(groups),
            tuple(injected),
            job,
            returns,
            summary,
            manual,
        )
        return handler

    return declare


def section_of(address: str) -> str:
    """The part of an address that groups it with others, such as ``/sda/grid``."""
    words = address.split("/")
    return "/".join(words[:3]) if len(words) > 3 else "/".join(words[:2])


def declared_in(*modules: object) -> list[Callable[..., Any]]:
    """Collect the command functions of some modules, in the order they were written."""
    return [
        value
        for module in modules
        for value in vars(module).values()
        if callable(value) and hasattr(value, "__command__")
    ]


def _annotation(address: str, name: str, hint: object) -> tuple[type, Any]:
    if typing.get_origin(hint) is not Annotated:
        raise ValueError(f"{address}: parameter '{name}' needs Annotated[type, Spec(...)]")
    kind, spec = typing.get_args(hint)[:2]
    return kind, spec


def _parameter(
    address: str, name: str, hint: object, default: object, *, variadic: bool = False
) -> Parameter:
    kind, spec = _annotation(address, name, hint)
    is_required = default is inspect.Parameter.empty and not variadic
    shown = None if default is inspect.Parameter.empty else typing.cast(Argument, default)
    return Parameter(name, _KINDS[kind], spec, is_required, shown, variadic)


def _shown(default: Argument) -> str:
    if default == "":
        return "empty"
    return f"{int(default)}" if isinstance(default, bool) else f"{default!r}"
