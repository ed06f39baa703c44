"""Learning: the next knob that is moved is bound to a command, and that is kept."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sdaudio.errors import SdaudioError, StateError, UsageError
from sdaudio.modelfile import write_atomically
from sdaudio.settings import midi_folder, yaml_of

from ..clients import Clients
from ..registry import Registry
from ..wire import Argument
from .maps import EXTENSION, Control, Map, on_of, read_control, record_of
from .parsing import Event

LEARNED = "learned"
"""The map that is made by learning."""
LEARNABLE = ("note", "cc", "bend", "pressure", "key-pressure", "program")


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the next movement is to be bound to."""

    record: dict[str, object]
    done: asyncio.Future[tuple[Control, list[str]]]


class Learning:
    """Binds controls by moving them.

    Args:
        maps: those in use; what is learned goes into one of them.
        registry: what controls can do.
        clients: who hears of it.
    """

    def __init__(self, maps: dict[str, Map], registry: Registry, clients: Clients) -> None:
        self._maps, self._registry, self._clients = maps, registry, clients
        self._wish: _Wish | None = None

    async def learn(
        self, address: str, arguments: Sequence[Argument], limits: tuple[float, float] | None
    ) -> tuple[Control, list[str]]:
        """Bind the next control that is moved to a command; what was learned is kept.

        Args:
            address: of the command.
            arguments: with ``$value`` where the position of the control goes; without, it is put
                behind them.
            limits: what its two ends stand for; without, the range of the argument.

        Returns:
            The control, and the other controls in use that hear it too.

        Raises:
            UsageError: the command does not take such arguments.
            StateError: nothing was moved in time, or another was asked to be learned.
        """
        filled = list(arguments)
        if not any(isinstance(each, str) and each.startswith("$") for each in filled):
            filled.append("$value")
        record: dict[str, object] = {"do": address, "arguments": filled}
        if limits is not None:
            record["range"] = list(limits)
        # what cannot be is said before anybody moves a knob
        try:
            read_control({"on": "cc 1", **record}, self._registry, "learn")
        except UsageError:
            if "$value" not in filled or filled[-1] != "$value" or len(filled) == len(arguments):
                raise
            # a command without a number, such as undo: it is done when a key is pressed
            filled.pop()
            read_control({"on": "cc 1", **record}, self._registry, "learn")
        self.stop("Another control is learned.")
        self._wish = _Wish(record, asyncio.get_running_loop().create_future())
        self._clients.announce("/sda/midi/learning", address)
        return await self._wish.done

    def stop(self, reason: str = "Learning was given up.") -> bool:
        """Learn nothing; whether something was waited for."""
        wish, self._wish = self._wish, None
        if wish is None or wish.done.done():
            return False
        wish.done.set_exception(StateError(reason))
        return True

    def forget(self, address: str) -> int:
        """Forget what was learned for a command, or all for ""; returns how many controls.

        Raises:
            FileError: what is left cannot be kept.
        """
        learned = self._maps.get(LEARNED, Map(LEARNED))
        kept = [each for each in learned.controls if address and each.address != address]
        self._keep(kept)
        return len(learned.controls) - len(kept)

    def take(self, event: Event) -> bool:
        """Bind the event's control to what is wished; whether something was."""
        wish = self._wish
        on = on_of(event)
        if wish is None or on.split(" ")[0] not in LEARNABLE or event.kind == "note-off":
            return False
        self._wish = None
        try:
            record = {"on": on, **wish.record}
            if event.channel:
                record["channel"] = event.channel
            control = read_control(record, self._registry, "learn")
            learned = self._maps.get(LEARNED, Map(LEARNED)).controls
            replaced = [each.name for each in learned if each.meets(control)]
            others = [
                f"{each.name} in map '{other.name}'"
                for other in self._maps.values()
                if other.name != LEARNED
                for each in other.controls
                if each.meets(control)
            ]
            self._keep([*(each for each in learned if not each.meets(control)), control])
        except SdaudioError as error:
            wish.done.set_exception(error)
            return True
        wish.done.set_result((control, [*replaced, *others]))
        self._clients.announce("/sda/midi/learned", control.address, control.name)
        return True

    def _keep(self, controls: Sequence[Control]) -> None:
        text = "# What was learned; edit it, or forget it with /sda/midi/forget.\n" + yaml_of(
            {"about": "What was learned.", "controls": [record_of(each) for each in controls]}
        )
        write_atomically(self.path, text.encode())
        self._maps.pop(LEARNED, None)
        self._maps[LEARNED] = Map(LEARNED, "What was learned.", controls=tuple(controls))

    @property
    def path(self) -> Path:
        """The file of what was learned."""
        return midi_folder() / f"{LEARNED}{EXTENSION}"
