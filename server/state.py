"""What the daemon is right now, as OSC addresses that have one value each.

Hosts that build an interface by themselves (Chataigne, ossia score) or hold a control for an
address (TouchOSC, Vezér) need addresses with a value that can be read, followed and often set:
``/sda/state/grid/<grid>/mute/0`` instead of ``/sda/grid/mute <grid> 0 1``. This module reads the
values and says which command a message to such an address means. It keeps nothing and tells
nobody; see `listening`.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from sdaudio.errors import UsageError, nearest_hint

from .jobs import JobTable
from .library import Library, LoadedModel
from .patterns import expand, is_pattern
from .sessions import Session, Sessions
from .transport import Transport
from .wire import Argument, Message

ROOT = "/sda/state"
GAIN = "/sda/play/gain"
"""The one command that is a value as well."""
MAX_LEVELS = 4
"""Quantizer levels of a model that has many."""
SPACE = "~"
"""Stands for a space of a grid's or model's name; an OSC address holds none, a name no ``~``."""

CONTAINERS = {
    f"{ROOT}/grid": "Open grids by name.",
    f"{ROOT}/job": "What takes time.",
    f"{ROOT}/model": "Loaded models by name.",
    f"{ROOT}/play": "What all that plays shares.",
}
MAX_WRITES = 1024
"""Values that one message to a pattern may set."""

Value = bool | int | float | str
Write = Callable[[tuple[Argument, ...]], Message]


@dataclass(frozen=True, slots=True)
class Node:
    """One address with its value. ``write`` turns a message to it into the command it means."""

    address: str
    value: Value
    text: str
    low: float | None = None
    high: float | None = None
    write: Write | None = None


class State:
    """Reads the values.

    Args:
        sessions: the open grids.
        library: the loaded models.
        jobs: what runs or waits.
        transport: what plays.
    """

    def __init__(
        self, sessions: Sessions, library: Library, jobs: JobTable, transport: Transport
    ) -> None:
        self._sessions = sessions
        self._library = library
        self._jobs = jobs
        self._transport = transport

    def nodes(self) -> list[Node]:
        """Every node with its value now."""
        found = self._of_the_daemon()
        for model in self._library.loaded:
            found += _of_model(model)
        for session in self._sessions:
            found += self._of_grid(session)
        return found

    def nodes_near(self, address: str) -> list[Node]:
        """Every node at or below an address, and few others: those of one grid for a grid's.

        Raises:
            UsageError: it lies in a grid or a model that is not there.
        """
        kind, _, rest = address.removeprefix(f"{ROOT}/").partition("/")
        name = rest.partition("/")[0].replace(SPACE, " ")
        if not name or not address.startswith(f"{ROOT}/"):
            return self.nodes()
        if kind == "grid":
            return self._of_grid(self._sessions[name])
        if kind == "model":
            models = {model.name: model for model in self._library.loaded}
            if name not in models:
                raise UsageError(
                    f"No model '{name[:80]}' is loaded.{nearest_hint(name[:80], models)}"
                )
            return _of_model(models[name])
        return self._of_the_daemon()

    def branches(self) -> dict[str, tuple[object, ...]]:
        """The containers that come and go, each with what its nodes depend on."""
        branches: dict[str, tuple[object, ...]] = {
            grid_address(session.name): (session.model.name, session.grid.n_levels)
            for session in self._sessions
        }
        for model in self._library.loaded:
            branches[model_address(model.name)] = (model.n_levels, model.codebook_size)
        return branches

    def read(self, address: str) -> list[Node]:
        """The nodes at an address, below it, or that a pattern fits.

        Raises:
            UsageError: there is none; the text names the nearest one.
        """
        if is_pattern(address):
            nodes = {node.address: node for node in self.nodes()}
            found = [nodes[known] for known in expand(address, nodes)]
        else:
            nodes = {node.address: node for node in self.nodes_near(address)}
            found = [node for node in nodes.values() if is_at_or_below(node.address, address)]
        if not found:
            hint = nearest_hint(address[:128], list(nodes)[:_MAX_HINTS])
            raise UsageError(
                f"Nothing at '{address[:128]}' has a value.{hint} "
                f"/sda/state/get {ROOT} shows all that have."
            )
        return found

    def current(self, message: Message) -> float | None:
        """The number that a message to an address would change, None where there is none."""
        try:
            value = self.read(message.address)[0].value
        except UsageError:
            return None
        return None if isinstance(value, str) else float(value)

    def meant_by(self, message: Message) -> list[Message]:
        """The commands that a message to nodes means; any other message is returned as it is.

        Raises:
            UsageError: there is no such node, it can only be read, or the value is not allowed.
        """
        address = message.address
        depth = address.count("/")
        if is_pattern(address):
            fitting = self._writes(address) if depth >= _DEPTH else []
            return [write(message.arguments) for write in fitting] or [message]
        if depth < _DEPTH - 1 or not address.startswith(f"{ROOT}/"):
            return [message]
        node = next((node for node in self.read(address) if node.address == address), None)
        if node is None:
            raise UsageError(f"'{address[:128]}' has no value; what lies in it has.")
        if node.write is None:
            raise UsageError(f"'{address[:128]}' can only be read (/sda/state/get).")
        return [node.write(message.arguments)]

    def n_meant_by(self, pattern: str) -> int:
        """How many values a message to a pattern sets.

        Raises:
            UsageError: the pattern is malformed, or there are too many.
        """
        return len(self._writes(pattern)) if pattern.count("/") >= _DEPTH else 0

    def _writes(self, pattern: str) -> list[Write]:
        parts = pattern.split("/")
        base, leaf = "/".join(parts[:_DEPTH]), "/".join(("", *parts[_DEPTH:]))
        leaves = expand(leaf, _SETTABLE)
        if not leaves:
            return []
        sessions = {grid_address(session.name): session for session in self._sessions}
        fitting = [
            _SETTABLE[leaf](session.name)
            for session in (sessions[known] for known in expand(base, sessions))
            for leaf in leaves
            if not leaf[-1].isdigit() or int(leaf[-1]) < session.grid.n_levels
        ]
        if len(fitting) > MAX_WRITES:
            raise UsageError(
                f"'{pattern}' sets {len(fitting)} values; at most {MAX_WRITES} are set in one go."
            )
        return fitting

    def _of_the_daemon(self) -> list[Node]:
        jobs = list(self._jobs)
        newest = next((job for job in reversed(jobs) if job.state == "running"), None)
        done, text = (newest.fraction, newest.text) if newest else (0.0, "")
        return [
            Node(GAIN, self._transport.gain_db, "level of everything that is played"),
            Node(
                f"{ROOT}/play/bpm",
                self._transport.stage.tempo.bpm,
                "beats per minute that everything keeps to; 0 is no beat",
                0,
                400,
                write=lambda arguments: Message("/sda/play/tempo", arguments),
            ),
            Node(f"{ROOT}/job/count", len(jobs), "jobs that run or wait", 0),
            Node(f"{ROOT}/job/progress", done, "how far the newest running job is", 0, 1),
            Node(f"{ROOT}/job/text", text, "what the newest running job does; empty without one"),
        ]

    def _of_grid(self, session: Session) -> list[Node]:
        base, name, grid = grid_address(session.name), session.name, session.grid
        head = self._transport.head(name)
        mix = self._transport.stage.mix(session)
        nodes = [
            Node(f"{base}/model", session.model.name, "the model its codes belong to"),
            Node(f"{base}/levels", grid.n_levels, "quantizer levels", 2, 4),
            Node(f"{base}/columns", grid.n_columns, "columns", 1),
            Node(f"{base}/revision", grid.revision, "grows with every edit", 0),
            Node(
                f"{base}/playing", head is not None, "1 loops the grid, 0 stops it",
                write=_SETTABLE["/playing"](name),
            ),
            Node(f"{base}/head", -1 if head is None else head, "column that plays, or -1", -1),
            Node(
                f"{base}/gain", mix.gain_db, "level of the grid among others, dB", -96, 12,
                write=_SETTABLE["/gain"](name),
            ),
            Node(
                f"{base}/speed", mix.speed, "how fast it plays, 1 is as it was learned", 0.25, 4,
                write=_SETTABLE["/speed"](name),
            ),
        ]  # fmt: skip
        for level, label in enumerate(session.labels):
            nodes += [
                Node(
                    f"{base}/mute/{level}", level in session.muted, f"leaves {label} out",
                    write=_SETTABLE[f"/mute/{level}"](name),
                ),
                Node(
                    f"{base}/solo/{level}", level in session.soloed,
                    f"plays {label} and other soloed levels only",
                    write=_SETTABLE[f"/solo/{level}"](name),
                ),
                Node(
                    f"{base}/lock/{level}", level in session.locked,
                    f"keeps {label} as it is in what the prior draws anew",
                    write=_SETTABLE[f"/lock/{level}"](name),
                ),
                Node(
                    f"{base}/label/{level}", label, "name of the level in this grid",
                    write=_SETTABLE[f"/label/{level}"](name),
                ),
            ]  # fmt: skip
        return nodes


def grid_address(name: str) -> str:
    """The address of a grid's nodes."""
    return f"{ROOT}/grid/{name.replace(' ', SPACE)}"


def model_address(name: str) -> str:
    """The address of a model's nodes."""
    return f"{ROOT}/model/{name.replace(' ', SPACE)}"


def is_at_or_below(address: str, container: str) -> bool:
    """Whether an address is a container's own or lies in it; ``/`` holds all."""
    return address == container or address.startswith(f"{container.rstrip('/')}/")


_DEPTH = ROOT.count("/") + 3
"""Slashes in the shortest address of a grid's value, and parts in the address of the grid."""


_MAX_HINTS = 256
_LIGHTS = ("green", "yellow", "red")


def _of_model(model: LoadedModel) -> list[Node]:
    base = model_address(model.name)
    lights = [level.light for level in model.header.health]
    worst = max(lights, key=_LIGHTS.index, default="green")
    return [
        Node(f"{base}/levels", model.n_levels, "quantizer levels", 2, 4),
        Node(f"{base}/codes", model.codebook_size, "codes of each level", 1),
        Node(f"{base}/prior", model.header.has_prior, "whether it can sample"),
        Node(f"{base}/health", worst, "green, yellow or red, see /sda/model/health"),
    ]


def _level_command(address: str, level: int) -> Callable[[str], Write]:
    return lambda grid: lambda arguments: Message(address, (grid, level, *arguments))


def _play(grid: str, arguments: tuple[Argument, ...]) -> Message:
    if len(arguments) != 1 or arguments[0] not in (0, 1):
        raise UsageError(
            f"{grid_address(grid)}/playing takes 1, which loops the grid, or 0, which stops it."
        )
    return Message("/sda/play/loop" if arguments[0] else "/sda/play/stop", (grid,))


_SETTABLE: dict[str, Callable[[str], Write]] = {
    "/playing": lambda grid: functools.partial(_play, grid),
    "/gain": lambda grid: lambda arguments: Message("/sda/grid/gain", (grid, *arguments)),
    "/speed": lambda grid: lambda arguments: Message("/sda/play/speed", (grid, *arguments)),
    **{
        f"/{kind}/{level}": _level_command(f"/sda/{section}/{kind}", level)
        for section, kind in (
            ("grid", "mute"),
            ("grid", "solo"),
            ("grid", "label"),
            ("prior", "lock"),
        )
        for level in range(MAX_LEVELS)
    },
}
"""By the end of its address, what a message to a grid's value means for a grid of some name."""
