"""The parsers of ``sdaudio call``, ``listen``, ``midi``, ``record``, ``replay``, ``completion``."""

import argparse
import dataclasses
import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sdaudio.settings import Settings, token_path

if TYPE_CHECKING:
    from ..client import DaemonAddress

_SHELLS = ("bash", "zsh", "fish")

_CALL = """\
Send a command to the running daemon and wait for its answer, or for the end of its job.
Arguments: 1 is a whole number, 0.5 a number, true and false switches, all else a text. A relative
path is taken from here. The exit code is 0 done, 1 failed, 2 wrong usage, 3 no daemon or no answer,
130 cancelled with Ctrl-C."""
_MIDI = """\
Look at the MIDI of the running daemon: ports, inputs, maps and what is bound to what; print what
arrives; bind the next knob that is moved: sdaudio midi learn /sda/play/gain -40 0."""
_MIDI_CALLS = {
    "ports": "list the ports of the machine",
    "inputs": "list the inputs that are open",
    "open": "listen to an input, now and whenever it comes back",
    "close": "listen to an input no more",
    "maps": "list the maps",
    "controls": "list what is bound to what",
    "map": "use a map, or read it again",
    "unmap": "use a map no more",
    "learn": "bind the next knob or key to a command; waits a minute",
    "forget": "forget what was learned",
    "clock": "follow a MIDI clock (0: no more), of one input or the first that is heard",
    "clock-send": "send a MIDI clock to an output (OUTPUT 0: no more)",
    "panic": "let go of all notes",
}
_LEARN_S = 60.0
_RECORD = """\
Listen on a port, pass everything on to the daemon, and write it down as a score: one line of JSON
for each message with its time. Let players send to this port instead of the daemon's."""
_REPLAY = """\
Send a score again, in time. It may be edited by hand: see docs/hosts.md."""


class _Commands(Protocol):
    """What `argparse.ArgumentParser.add_subparsers` returns."""

    def add_parser(self, name: str, **kwargs: Any) -> argparse.ArgumentParser: ...  # noqa: ANN401


def add_shell_commands(commands: _Commands, whole: argparse.ArgumentParser) -> None:
    """Add the commands to the command line.

    Args:
        commands: where to add them.
        whole: the parser of the whole command line, which completion reads.
    """
    call = commands.add_parser("call", help="send a command and wait", description=_CALL)
    call.add_argument("address", metavar="ADDRESS", help="such as /sda/grid/info; may be a pattern")
    call.add_argument("words", nargs="*", metavar="ARGUMENT")
    call.add_argument(
        "--types", default="", metavar="TAGS",
        help="type of each argument, such as sif; also h d b, and T F N without an argument",
    )  # fmt: skip
    call.add_argument("--json", action="store_true", help="print one JSON object")
    add_daemon_options(call)
    call.set_defaults(run=_call)

    listen = commands.add_parser("listen", help="print what the daemon tells its subscribers")
    listen.add_argument("patterns", nargs="*", metavar="PATTERN", help="such as '/sda/grid/*'")
    listen.add_argument("--json", action="store_true", help="print one JSON object a line")
    listen.add_argument("--count", type=int, default=0, metavar="N", help="end after N messages")
    add_daemon_options(listen)
    listen.set_defaults(run=_listen)

    record = commands.add_parser("record", help="write down a performance", description=_RECORD)
    record.add_argument("file", type=Path, metavar="FILE", help="the score to write")
    record.add_argument(
        "--through", type=int, default=5632, metavar="PORT",
        help="port to listen on, 0 takes a free one (default: %(default)s)",
    )  # fmt: skip
    record.add_argument("--answers", action="store_true", help="write down answers, too")
    record.add_argument("--replace", action="store_true", help="write over FILE")
    add_daemon_options(record)
    record.set_defaults(run=_record)

    replay = commands.add_parser("replay", help="send a score in time", description=_REPLAY)
    replay.add_argument("file", type=Path, metavar="FILE", help="the score")
    replay.add_argument(
        "--speed", type=_above_zero, default=1.0, metavar="X", help="2 is twice as fast"
    )
    replay.add_argument("--loop", action="store_true", help="again and again, until Ctrl-C")
    replay.add_argument("--times", type=int, default=1, metavar="N", help="how often")
    replay.add_argument(
        "--from", type=float, default=0.0, metavar="SECONDS", dest="start_s",
        help="where in the score to begin",
    )  # fmt: skip
    replay.add_argument(
        "--to", type=float, metavar="SECONDS", dest="stop_s", help="where to end or loop"
    )
    add_daemon_options(replay)
    replay.set_defaults(run=_replay)

    midi = commands.add_parser("midi", help="see what MIDI does, learn a knob", description=_MIDI)
    what = midi.add_subparsers(required=True, metavar="WHAT")
    monitor = what.add_parser("monitor", help="print every event until Ctrl-C")
    monitor.add_argument("--json", action="store_true", help="print one JSON object a line")
    monitor.add_argument("--count", type=int, default=0, metavar="N", help="end after N messages")
    add_daemon_options(monitor)
    monitor.set_defaults(run=_monitor)
    for name, text in _MIDI_CALLS.items():
        one = what.add_parser(name, help=text)
        one.add_argument("words", nargs="*", metavar="ARGUMENT")
        one.add_argument("--json", action="store_true", help="print one JSON object")
        add_daemon_options(one)
        one.set_defaults(run=functools.partial(_midi_call, name))

    completion = commands.add_parser("completion", help="print the completion script of a shell")
    completion.add_argument("shell", choices=_SHELLS)
    completion.set_defaults(run=_completion)
    complete = commands.add_parser("complete")
    complete.add_argument("words", nargs="*")
    add_daemon_options(complete)
    complete.set_defaults(run=functools.partial(_complete, whole))


def add_daemon_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the daemon is."""
    parser.add_argument("--host", help="where the daemon runs (default: as configured)")
    parser.add_argument("--port", type=int, help="its OSC port (default: as configured)")
    parser.add_argument(
        "--token", default=os.environ.get("SDAUDIO_TOKEN", ""),
        help="what the daemon asks for (default: $SDAUDIO_TOKEN, then as configured)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=_above_zero, default=5.0, metavar="SECONDS",
        help="how long it may be silent (default: %(default)s)",
    )  # fmt: skip


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def daemon_of(parsed: argparse.Namespace, settings: Settings) -> "DaemonAddress":
    """Return where the daemon is that the options name, or else the settings."""
    from ..client import DaemonAddress

    return DaemonAddress(
        parsed.host or settings.server.own_host,
        parsed.port or settings.server.port,
        parsed.timeout,
        parsed.token or ("" if parsed.host else _own_token(settings)),
    )


def _own_token(settings: Settings) -> str:
    """What the daemon of this machine asks for; never sent to another host."""
    kept = token_path()
    if settings.server.token or settings.server.is_local or not kept.is_file():
        return settings.server.token
    return kept.read_text(encoding="utf-8").strip()


def _call(parsed: argparse.Namespace, settings: Settings) -> int:
    from .calling import call

    words = (parsed.address, *parsed.words)
    return call(words, daemon_of(parsed, settings), types=parsed.types, as_json=parsed.json)


def _listen(parsed: argparse.Namespace, settings: Settings) -> int:
    from .listening import listen

    patterns, daemon = tuple(parsed.patterns), daemon_of(parsed, settings)
    return listen(patterns, daemon, count=parsed.count, as_json=parsed.json)


def _monitor(parsed: argparse.Namespace, settings: Settings) -> int:
    from .listening import listen

    patterns, daemon = ("/sda/midi/*",), daemon_of(parsed, settings)
    return listen(
        patterns, daemon, count=parsed.count, as_json=parsed.json, also=("/sda/midi/monitor",)
    )


def _midi_call(name: str, parsed: argparse.Namespace, settings: Settings) -> int:
    from .calling import call

    daemon = daemon_of(parsed, settings)
    if name == "learn":
        daemon = dataclasses.replace(daemon, timeout_s=max(daemon.timeout_s, _LEARN_S))
    address = f"/sda/midi/{name.replace('-', '/')}"
    return call((address, *parsed.words), daemon, as_json=parsed.json)


def _record(parsed: argparse.Namespace, settings: Settings) -> int:
    from .recording import record

    return record(
        parsed.file, daemon_of(parsed, settings), through=parsed.through,
        with_answers=parsed.answers, replace=parsed.replace,
    )  # fmt: skip


def _replay(parsed: argparse.Namespace, settings: Settings) -> int:
    from .replaying import Passage, replay

    n_times = 0 if parsed.loop else max(parsed.times, 1)
    passage = Passage(parsed.start_s, parsed.stop_s, parsed.speed, n_times)
    return replay(parsed.file, passage, daemon_of(parsed, settings))


def _completion(parsed: argparse.Namespace, settings: Settings) -> int:
    from .completion import SCRIPTS

    print(SCRIPTS[parsed.shell], end="")
    return 0


def _complete(
    whole: argparse.ArgumentParser, parsed: argparse.Namespace, settings: Settings
) -> int:
    from .completion import candidates

    def names() -> list[str]:
        from ..library import open_library

        return open_library(settings.folders).names()

    for candidate in candidates(whole, parsed.words, daemon_of(parsed, settings), names):
        print(candidate)
    return 0
