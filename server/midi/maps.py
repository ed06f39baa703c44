"""Maps: what the keys and knobs of a controller do, written in YAML.

A map binds controls to commands of the OSC table, and keyboards to the codes of a level::

    about: A knob for the level, a pad that undoes.
    inputs: [nano]
    controls:
      - {on: cc 7, do: /sda/play/gain, arguments: [$value], range: [-60, 0]}
      - {on: note 36, do: /sda/grid/undo, arguments: [one]}
    keyboards:
      - {channel: 1, level: 0}

Everything is checked when a map is read: each command is tried with both ends of its range.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sdaudio.errors import FileError, UsageError, nearest_hint
from sdaudio.resources import bundled
from sdaudio.settings import bounded, checked, choice, midi_folder, read_yaml

from ..registry import Command, Parameter, Registry
from ..wire import Argument
from .expression import MASTERS
from .pads import PadSettings
from .parsing import Event

MODEL = "$model"
WORDS = ("$value", "$note", "$velocity", "$channel", "$program", "$index", MODEL)
"""What stands for something that was played, in the arguments of a control."""
EXAMPLES: dict[str, Argument] = {"$grid": "grid", "$other": "other", "$levels": 1, "$columns": 1}
"""What stands for what is there, each with an example: see `surroundings`."""
DIALS = "/sda/midi/dial"
"""The command that turns a dial: a value that a map names, and other controls use."""
SOURCES = (
    "note", "cc", "bend", "pressure", "key-pressure", "program", "start", "continue", "stop",
)  # fmt: skip
CURVES = ("linear", "square", "exponential")
MODES = ("absolute", "twos-complement", "offset-64", "sign-bit")
WHEN = ("press", "release", "both")
EXTENSION = ".yaml"
STATE = "/sda/state"
"""What is below it is a value that can be set."""
_ALL = range(128)
_DIAL = re.compile(r"[a-z][a-z0-9_]*")
_ON = re.compile(r"([a-z-]+)(?:\s+(\d{1,3})(?:\s*-\s*(\d{1,3}))?)?")


@dataclass(frozen=True, slots=True)
class ControlSettings:
    """How a control is written in a map, but for its arguments and its range."""

    on: str = ""
    do: str = ""
    channel: int = bounded(0, 0, 16)
    curve: str = choice("linear", CURVES)
    mode: str = choice("absolute", MODES)
    when: str = choice("press", WHEN)
    pickup: bool = False
    step: float = bounded(1.0 / 127.0, 0.0001, 1.0)


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Keys that play the codes of a level, from dark to bright.

    Args:
        model: the model; empty is the one that was loaded last.
        level: the level, 0 is the coarsest.
        channel: MIDI channel it listens to, 0 for all; of an MPE zone the one that speaks for it.
        low: the key of the darkest code.
        high: the key of the brightest code.
        hold_s: how long a code sounds at the most.
        release_s: how long it fades when the key is let go.
        voices: how many sound at once; one more ends the one that began first.
        gain_db: level of a note of velocity 127.
        bend_semitones: how far the pitch wheel bends what sounds, where it does not say so itself.
        pressure_db: how much louder full pressure makes it.
        mpe: a zone of all channels, for controllers that play MPE and do not announce it.
    """

    model: str = ""
    level: int = bounded(0, 0, 3)
    channel: int = bounded(0, 0, 16)
    low: int = bounded(36, 0, 127)
    high: int = bounded(96, 0, 127)
    hold_s: float = bounded(1.0, 0.05, 20.0)
    release_s: float = bounded(0.15, 0.005, 10.0)
    voices: int = bounded(8, 1, 32)
    gain_db: float = bounded(0.0, -60.0, 12.0)
    bend_semitones: float = bounded(2.0, 0.0, 24.0)
    pressure_db: float = bounded(6.0, 0.0, 24.0)
    mpe: str = choice("", ("", *MASTERS))


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """A binding: when ``source`` comes with one of ``numbers``, send a message to ``address``.

    It equals itself alone: what is known of its knob is found at every movement.

    ``command`` is None for an address below /sda/state. ``examples`` has what else than the event
    its arguments may stand for. ``low`` and ``high`` are what the two ends of the control mean.
    """

    source: str
    numbers: range
    address: str
    command: Command | None
    arguments: tuple[Argument, ...]
    examples: Mapping[str, Argument] = field(default_factory=lambda: EXAMPLES)
    low: float = 0.0
    high: float = 127.0
    how: ControlSettings = field(default_factory=ControlSettings)

    @property
    def name(self) -> str:
        """The control in words, such as ``cc 7 on channel 2``."""
        numbers = "" if self.numbers == _ALL else f" {self.numbers[0]}"
        if numbers and len(self.numbers) > 1:
            numbers += f"-{self.numbers[-1]}"
        channel = f" on channel {self.how.channel}" if self.how.channel else ""
        return f"{self.source}{numbers}{channel}"

    def hears(self, event: Event) -> bool:
        """Whether an event is of this control."""
        return (
            _source_of(event) == self.source
            and self.how.channel in (0, event.channel)
            and (event.number in self.numbers)
        )

    def meets(self, other: "Control") -> bool:
        """Whether both would hear the same event."""
        mine, others = self.how.channel, other.how.channel
        first = max(self.numbers.start, other.numbers.start)
        last = min(self.numbers.stop, other.numbers.stop)
        return (
            self.source == other.source and first < last
            and (mine == others or not mine or not others)
        )  # fmt: skip

    def value_at(self, position: float) -> float:
        """What a position from 0 to 1 stands for."""
        match self.how.curve:
            case "square":
                position *= position
            case "exponential":
                position = math.expm1(5.0 * position) / math.expm1(5.0)
        return self.low + position * (self.high - self.low)

    def position_of(self, value: float) -> float:
        """The position that stands for a value; the other way round than `value_at`."""
        if self.high == self.low:
            return 0.0
        position = min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)
        match self.how.curve:
            case "square":
                return math.sqrt(position)
            case "exponential":
                return math.log1p(position * math.expm1(5.0)) / 5.0
        return position

    def message(
        self, event: Event, value: float, meaning: Callable[[str], Argument] | None = None
    ) -> tuple[Argument, ...]:
        """The arguments of the command for an event and the value that it stands for.

        Args:
            event: what was played.
            value: what it stands for.
            meaning: what other words stand for; without, it is their examples.

        Raises:
            SdaudioError: a word stands for nothing now.
        """
        meant: dict[str, float] = {
            "$value": value,
            "$note": event.number,
            "$velocity": event.value,
            "$channel": event.channel,
            "$program": event.number,
            "$index": event.number - self.numbers.start,
        }
        filled: list[Argument] = []
        for place, argument in enumerate(self.arguments):
            word: Argument = argument
            if isinstance(argument, str) and argument in meant:
                word = meant[argument]
            elif isinstance(argument, str) and (argument in self.examples or argument == MODEL):
                word = meaning(argument) if meaning else self.examples.get(argument, "")
            if word is not argument and isinstance(word, int | float):
                word = _fitting(self.parameter(place), float(word))
            filled.append(word)
        return tuple(filled)

    def check(self, where: str) -> None:
        """Try the command with both ends of the range.

        Raises:
            UsageError: the command does not take these arguments.
        """
        for place, argument in enumerate(self.arguments):
            parameter = self.parameter(place)
            if argument == "$value" and parameter and parameter.kind == "text":
                raise UsageError(
                    f"{where}: $value cannot be '{parameter.name}' of {self.address}, which is a "
                    f"text. Usage: {self.command.usage if self.command else self.address}"
                )
        for number, value in ((self.numbers[0], self.low), (self.numbers[-1], self.high)):
            event = Event("cc", max(self.how.channel, 1), number, 127)
            if self.command is None:
                return
            try:
                self.command.bind(self.message(event, value))
            except UsageError as error:
                raise UsageError(f"{where}: {error}") from error

    def parameter(self, place: int) -> Parameter | None:
        """The parameter that an argument is for: behind its name, or in order."""
        if self.command is None:
            return None
        before = self.arguments[place - 1] if place else None
        for parameter in self.command.parameters:
            if not parameter.required and parameter.name == before:
                return parameter
        parameters = self.command.parameters
        if place < len(parameters):
            return parameters[place]
        return parameters[-1] if parameters and parameters[-1].variadic else None


@dataclass(frozen=True, slots=True)
class Map:
    """Some controls, keyboards and pads, for some inputs."""

    name: str
    about: str = ""
    inputs: tuple[str, ...] = ("*",)
    controls: tuple[Control, ...] = ()
    keyboards: tuple[Keyboard, ...] = ()
    pads: tuple[PadSettings, ...] = ()
    dials: Mapping[str, float] = field(default_factory=dict)
    """Where the dials stand that it names, until they are turned."""

    def is_for(self, port: str) -> bool:
        """Whether it hears an input."""
        return any(fits(port, wanted) for wanted in self.inputs)


def fits(port: str, wanted: str) -> bool:
    """Whether a port has a name, or a part of it, or any for ``*``."""
    return wanted == "*" or wanted.casefold() in port.casefold()


def map_path(name: str) -> Path:
    """Return the file of a map: a path, one of the user's own, or a bundled one.

    Raises:
        FileError: there is none; the text names those there are.
    """
    if name.endswith((EXTENSION, ".yml")):
        return Path(name).expanduser()
    own = midi_folder() / f"{name}{EXTENSION}"
    if own.is_file():
        return own
    known = known_maps()
    if name not in known:
        raise FileError(
            f"There is no MIDI map '{name[:80]}'.{nearest_hint(name, known)} There are "
            f"{', '.join(known)}; your own go to {midi_folder()}."
        )
    return bundled(f"config/midi/{name}{EXTENSION}")


def known_maps() -> list[str]:
    """Return the names of the maps there are, bundled and the user's own."""
    folders = (bundled("config/midi"), midi_folder())
    return sorted({path.stem for folder in folders for path in folder.glob(f"*{EXTENSION}")})


def read_map(path: Path, registry: Registry) -> Map:
    """Read a map and check all that it says.

    Raises:
        FileError: it is missing or no YAML.
        UsageError: something in it is unknown or not allowed; the text says what and where.
    """
    record = read_yaml(path, "MIDI map")
    where = str(path)
    if not isinstance(record, dict):
        raise UsageError(f"{where} must hold keys with values, such as controls: [...].")
    allowed = ("about", "inputs", "dials", "controls", "keyboards", "pads")
    for key in record:
        if key not in allowed:
            raise UsageError(
                f"{where}: unknown key '{key}'.{nearest_hint(str(key), allowed)} Allowed are "
                f"{', '.join(allowed)}."
            )
    inputs = _list(record, "inputs", where) or ["*"]
    if not all(isinstance(name, str) for name in inputs):
        raise UsageError(f"{where}: inputs must be names of ports, or parts of them.")
    dials = _dials(record.get("dials"), where)
    controls = [
        read_control(each, registry, f"{where}: control {number}", dials)
        for number, each in enumerate(_list(record, "controls", where), start=1)
    ]
    keyboards = []
    for number, each in enumerate(_list(record, "keyboards", where), start=1):
        keyboard = checked(Keyboard, each, f"{where}: keyboard {number}")
        if keyboard.low >= keyboard.high:
            raise UsageError(
                f"{where}: keyboard {number}: low is {keyboard.low} and high {keyboard.high}; "
                "low must be the lower key."
            )
        keyboards.append(keyboard)
    pads = []
    for number, each in enumerate(_list(record, "pads", where), start=1):
        surface = checked(PadSettings, each, f"{where}: pads {number}")
        if problem := surface.problem():
            raise UsageError(f"{where}: pads {number}: {problem}.")
        pads.append(surface)
    about = str(record.get("about") or "")
    return Map(
        path.stem, about, tuple(inputs), tuple(controls), tuple(keyboards), tuple(pads), dials
    )  # fmt: skip


def read_control(
    record: object, registry: Registry, where: str, dials: Mapping[str, float] | None = None
) -> Control:
    """Make a control of what a map says about it; dials are those that the map names.

    Raises:
        UsageError: something in it is unknown or not allowed.
    """
    if not isinstance(record, dict):
        raise UsageError(f"{where} must hold keys with values: on, do, arguments and others.")
    rest = dict(record)
    arguments = tuple(_list(rest, "arguments", where))
    rest.pop("arguments", None)
    limits = rest.pop("range", None)
    # YAML reads a bare on as true
    if True in rest:
        rest["on"] = rest.pop(True)
    how = checked(ControlSettings, rest, where)
    source, numbers = _numbers(how.on, where)
    if not how.do:
        raise UsageError(f"{where}: do is missing; name a command, such as /sda/play/gain.")
    examples = EXAMPLES | {f"${name}": value for name, value in (dials or {}).items()}
    words = (*WORDS, *examples)
    for argument in arguments:
        if not isinstance(argument, str | int | float):
            raise UsageError(f"{where}: the argument {argument!r} is no text and no number.")
        if isinstance(argument, str) and argument.startswith("$") and argument not in words:
            raise UsageError(
                f"{where}: '{argument}' stands for nothing.{nearest_hint(argument, words)} Allowed "
                f"are {', '.join(words)}."
            )
    command = None
    if how.do.startswith(f"{STATE}/"):
        arguments = arguments or ("$value",)
    else:
        try:
            command = registry[how.do]
        except UsageError as error:
            raise UsageError(f"{where}: {error}") from error
    bare = Control(source, numbers, how.do, command, arguments, examples)
    low, high = _range(limits, bare, where)
    control = replace(bare, low=low, high=high, how=how)
    control.check(where)
    return control


def record_of(control: Control) -> dict[str, object]:
    """Return what a map says about a control, to be read again by `read_control`."""
    how, default = control.how, ControlSettings()
    record: dict[str, object] = {"on": how.on, "do": how.do}
    if control.arguments:
        record["arguments"] = list(control.arguments)
    if "$value" in control.arguments:
        record["range"] = [control.low, control.high]
    for name in ("channel", "curve", "mode", "when", "pickup", "step"):
        if getattr(how, name) != getattr(default, name):
            record[name] = getattr(how, name)
    return record


def on_of(event: Event) -> str:
    """How the control of an event is written behind ``on``."""
    source = _source_of(event)
    return f"{source} {event.number}" if source in ("note", "cc", "key-pressure") else source


def _source_of(event: Event) -> str:
    return "note" if event.kind in ("note-on", "note-off") else event.kind


def _numbers(on: str, where: str) -> tuple[str, range]:
    match = _ON.fullmatch(on.strip())
    if not match or match[1] not in SOURCES:
        raise UsageError(
            f"{where}: on is '{on}'.{nearest_hint(on.split(' ')[0], SOURCES)} Allowed are "
            f"{', '.join(SOURCES)}, the first two with a number or two, such as 'cc 7' or "
            "'note 36-51'."
        )
    source = match[1]
    if match[2] is None:
        return source, _ALL
    first, last = int(match[2]), int(match[3] or match[2])
    if not first <= last <= 127:
        raise UsageError(f"{where}: on is '{on}'; its numbers must be 0 to 127, the lower first.")
    return source, range(first, last + 1)


def _range(limits: object, control: Control, where: str) -> tuple[float, float]:
    if limits is not None:
        if (
            not isinstance(limits, list)
            or len(limits) != 2
            or not all(type(limit) in (int, float) and math.isfinite(limit) for limit in limits)
        ):
            raise UsageError(f"{where}: range is {limits!r}; it must be two numbers, [low, high].")
        return float(limits[0]), float(limits[1])
    if "$value" in control.arguments:
        parameter = control.parameter(control.arguments.index("$value"))
        if parameter is not None and math.isfinite(parameter.spec.low + parameter.spec.high):
            return parameter.spec.low, parameter.spec.high
        if parameter is not None and parameter.kind == "switch":
            return 0.0, 1.0
    return 0.0, 127.0


def _dials(record: object, where: str) -> dict[str, float]:
    if record is None:
        return {}
    if not isinstance(record, dict):
        raise UsageError(f"{where}: dials must be names with values, not {record!r}.")
    for name, value in record.items():
        if not isinstance(name, str) or not _DIAL.fullmatch(name) or f"${name}" in WORDS:
            raise UsageError(
                f"{where}: '{name}' is no name of a dial; allowed are a to z, 0 to 9 and _, and "
                "none of the words that mean something already."
            )
        if type(value) not in (int, float) or not math.isfinite(value):
            raise UsageError(f"{where}: the dial '{name}' must stand at a number, not {value!r}.")
    return {name: float(value) for name, value in record.items()}


def _fitting(parameter: Parameter | None, number: float) -> Argument:
    """A number as a parameter takes it: whole ones are rounded, switches have two halves."""
    if parameter is None or parameter.kind in ("number", "text"):
        return float(number)
    return round(number)


def _list(record: dict[Any, Any], key: str, where: str) -> list[Any]:
    value = record.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise UsageError(f"{where}: {key} must be a list, not {value!r}.")
    return value
