"""Follows a MIDI clock: its tempo, its beats, and that it starts, stops and goes on."""

import time
from collections.abc import Callable, Coroutine

from ..transport import Transport
from .clock import ClockFollower
from .maps import fits
from .parsing import Event

_EVERY_S = 0.25
"""Between two looks at what the clock's ticks tell."""
_CHANGE = 0.0005
"""Of the tempo: less is no other tempo."""
KINDS = ("clock", "start", "continue", "stop", "position")


class Conductor:
    """Lets what plays follow the clock of one input.

    Args:
        transport: what plays.
        set_tempo: called with the input and its beats per minute when they change.
        do: runs something beside.
    """

    def __init__(
        self,
        transport: Transport,
        set_tempo: Callable[[str, float], None],
        do: Callable[[Coroutine[None, None, None]], None],
    ) -> None:
        self._transport, self._set_tempo, self._do = transport, set_tempo, do
        self._is_on, self._wanted = False, "*"
        self._clocks: dict[str, ClockFollower] = {}
        self._leader = ""
        self._looked_s = 0.0
        self._top = False
        """Whether what goes on begins anew."""
        self._waits = False
        """Whether something is to go on with the next tick of a known tempo."""

    @property
    def is_on(self) -> bool:
        """Whether a clock is followed."""
        return self._is_on

    @property
    def wanted(self) -> str:
        """A part of the name of the inputs whose clocks are heard; * is all."""
        return self._wanted

    @property
    def leader(self) -> str:
        """The input whose clock is followed; empty until one is heard."""
        return self._leader

    def follow(self, *, on: bool, wanted: str = "*") -> None:
        """Follow the first clock that is heard of inputs with a name, or none."""
        self._is_on, self._wanted = on, wanted
        self._clocks.clear()
        self._leader, self._waits = "", False

    def forget(self, port: str) -> None:
        """Forget an input that is gone; another may lead."""
        self._clocks.pop(port, None)
        if self._leader == port:
            self._leader, self._waits = "", False

    def hear(self, port: str, event: Event, time_s: float) -> None:
        """Take a message of a clock, one of `KINDS`, that came at a monotonic time."""
        if not self._is_on or not fits(port, self._wanted):
            return
        clock = self._clocks.setdefault(port, ClockFollower())
        self._leader = self._leader or port
        leads = port == self._leader
        match event.kind:
            case "start":
                clock.start()
            case "continue":
                clock.resume()
            case "stop":
                clock.stop()
            case "position":
                clock.move(event.value)
            case "clock":
                beat = clock.beat
                clock.tick(time_s)
                if leads:
                    self._tick(clock, beat, time_s)
        if leads and event.kind in ("start", "continue", "stop"):
            self._transport.pause()
            self._waits, self._top = event.kind != "stop", event.kind == "start"

    def _tick(self, clock: ClockFollower, beat: float, time_s: float) -> None:
        tempo = self._transport.stage.tempo
        if self._waits and (tempo.is_on or clock.bpm):
            self._waits = False
            if not tempo.is_on:
                self._set_tempo(self._leader, clock.bpm)
            tempo.align(beat, time_s)
            top_s = tempo.line.time_of(0.0) if self._top else None
            self._do(self._transport.go_on(top_s))
        now = time.monotonic()
        if now < self._looked_s + _EVERY_S:
            return
        anchor = clock.anchor()
        if anchor is None:
            return
        self._looked_s = now
        bpm = clock.bpm
        if abs(bpm - tempo.bpm) > _CHANGE * bpm:
            self._set_tempo(self._leader, bpm)
        if tempo.is_on and not clock.is_stopped:
            tempo.align(*anchor)
