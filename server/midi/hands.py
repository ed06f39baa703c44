"""What a hand on a control means: positions, relative steps, pickup; messages to the dispatch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..wire import Argument, Message
from .maps import MODEL, Control
from .parsing import Event

_ENDS: dict[str, tuple[int, int]] = {"bend": (-8192, 8191)}
"""Least and greatest values of what is not 0 to 127."""
_PICKED_UP = 0.02
"""How near, of the way, a knob must come to what it stands for before it moves it."""


@dataclass(slots=True)
class _Memory:
    """What is known of a control: where it stands, and whether it has been picked up."""

    position: float | None = None
    last: float | None = None
    is_picked_up: bool = False


class Around(Protocol):
    """What is there, for controls that mean it."""

    def has_model(self, event: Event) -> bool:
        """Whether there is a model of the event's number."""
        ...

    def meaning(self, word: str, control: Control, event: Event) -> Argument:
        """What a word among the arguments of a control stands for now.

        Raises:
            SdaudioError: it stands for nothing.
        """
        ...


class Hands:
    """Turns events into messages.

    Args:
        current: the value that a command with these arguments would change, or None when nobody
            knows; for pickup and for steps.
        around: what is there that a control may mean.
    """

    def __init__(
        self, current: Callable[[Message], float | None], around: "Around | None" = None
    ) -> None:
        self._current = current
        self._around = around
        self._memories: dict[tuple[str, Control, int], _Memory] = {}

    def message(self, port: str, control: Control, event: Event) -> Message | None:
        """Return what an event of a control asks for, or None when it asks for nothing yet.

        Raises:
            SdaudioError: it means something that is not there.
        """
        how = control.how
        if control.source == "note":
            is_press = event.kind == "note-on"
            if how.when != "both" and is_press != (how.when == "press"):
                return None
            value = control.value_at(event.value / 127.0) if is_press else control.low
            return self._message(control, event, value)
        if MODEL in control.arguments and not (self._around and self._around.has_model(event)):
            return None
        if control.source in ("program", "start", "continue", "stop"):
            return self._message(control, event, control.value_at(event.number / 127.0))
        memory = self._memories.setdefault((port, control, event.number), _Memory())
        if how.mode != "absolute":
            return self._step(memory, control, event)
        low, high = _ENDS.get(control.source, (0, 127))
        position = (event.value - low) / (high - low)
        value = control.value_at(position)
        if how.pickup and not self._picks_up(memory, control, event, position, value):
            memory.last = position
            return None
        memory.last = position
        return self._message(control, event, value)

    def forget(self, port: str) -> None:
        """Forget where the controls of a port stand."""
        self._memories = {key: each for key, each in self._memories.items() if key[0] != port}

    def _step(self, memory: _Memory, control: Control, event: Event) -> Message | None:
        steps = relative_steps(event.value, control.how.mode)
        if not steps:
            return None
        known = self._current(self._message(control, event, control.low))
        if known is not None:
            memory.position = control.position_of(known)
        if memory.position is None:
            memory.position = 0.5
        memory.position = min(max(memory.position + steps * control.how.step, 0.0), 1.0)
        return self._message(control, event, control.value_at(memory.position))

    def _picks_up(
        self, memory: _Memory, control: Control, event: Event, position: float, value: float
    ) -> bool:
        known = self._current(self._message(control, event, value))
        if known is None:
            return True
        wanted, last = control.position_of(known), memory.last
        if memory.is_picked_up and last is not None and abs(wanted - last) > 2 * _PICKED_UP:
            # somebody else has moved it
            memory.is_picked_up = False
        if not memory.is_picked_up:
            passes = last is not None and min(last, position) <= wanted <= max(last, position)
            memory.is_picked_up = passes or abs(wanted - position) <= _PICKED_UP
        return memory.is_picked_up

    def _message(self, control: Control, event: Event, value: float) -> Message:
        around = self._around
        if around is None:
            return Message(control.address, control.message(event, value))

        def meaning(word: str) -> Argument:
            return around.meaning(word, control, event)

        return Message(control.address, control.message(event, value, meaning))


def relative_steps(value: int, mode: str) -> int:
    """How many steps, up or down, an endless knob tells with a value of 0 to 127."""
    match mode:
        case "twos-complement":
            return value if value < 64 else value - 128
        case "offset-64":
            return value - 64
        case "sign-bit":
            return -(value & 63) if value & 64 else value
    raise ValueError(f"unknown mode {mode!r}")
