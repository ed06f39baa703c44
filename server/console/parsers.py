"""The parsers of the commands that need no daemon: codes, models, pictures, the machine."""

import argparse
import functools
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sdaudio.errors import UsageError
from sdaudio.settings import Settings, override

from ..shell.parsers import daemon_of

if TYPE_CHECKING:
    from ..client import DaemonAddress
    from ..library import Library

_MODELS = {
    # what is typed: the function, its OSC command, what comes after it, what it does
    "rename": ("rename", "rename", "NAME NEW_NAME", "give a model another name"),
    "copy": ("copy", "copy", "NAME NEW_NAME", "copy a model"),
    "delete": ("delete", "", "NAME ...", "move models to the trash"),
    "restore": ("restore", "restore", "NAME [NEW_NAME]", "bring a deleted model back"),
    "trash": ("trash", "", "", "list the trash"),
    "tag": ("tag", "tag", "NAME [TAG ...]", "give a model tags; none takes them away"),
    "note": ("note", "note", "NAME [TEXT]", "write notes into a model"),
    "credit": ("credit", "credit", "NAME [AUTHOR [LICENCE]]", "say who made it, its licence"),
    "import": ("take_in", "import", "FILE [NAME]", "copy a model file into the library"),
    "export": ("give_out", "export", "NAME FILE", "copy a model's file to somewhere else"),
    "verify": ("verify", "", "[NAME ...]", "read models whole and check every part"),
}
_MODELS_ABOUT = """\
List the models that fit all words (of names, tags, notes, files, days, 3x128, prior, green), or do
something with one. Deleted models wait in the trash. With --server the running daemon does it, so
that it knows."""


class _Commands(Protocol):
    """What `argparse.ArgumentParser.add_subparsers` returns."""

    def add_parser(self, name: str, **kwargs: Any) -> argparse.ArgumentParser: ...  # noqa: ANN401


def add_console_commands(commands: _Commands) -> None:
    """Add the commands to the command line."""
    _add_codes(commands)
    _add_models(commands)
    _add_pictures(commands)
    _add_machine(commands)


# -- codes -----------------------------------------------------------------------------------------


def _add_codes(commands: _Commands) -> None:
    encode = commands.add_parser("encode", help="turn a sound into codes")
    _add_model(encode)
    encode.add_argument("--input", type=Path, required=True, metavar="FILE", help="a sound file")
    _add_output(encode, "a .json document, or - for the standard output")
    add_server_option(encode)
    encode.set_defaults(run=_encode)

    decode = commands.add_parser("decode", help="turn codes into a sound")
    _add_model(decode)
    decode.add_argument("--input", required=True, metavar="FILE", help="a document of codes, or -")
    _add_output(decode, "a sound file: .wav, .flac, .ogg, .mp3 or .aiff")
    decode.add_argument("--levels", default="", metavar="0,1", help="hear these levels only")
    decode.add_argument("--bits", type=int, default=0, help="16, 24, or 32 for floats")
    decode.add_argument("--normalise", action="store_true", help="bring the loudest to -1 dB")
    decode.add_argument("--gain", type=float, default=0.0, metavar="DB")
    add_server_option(decode)
    decode.set_defaults(run=_decode)

    generate = commands.add_parser("generate", help="draw new material from a model's prior")
    _add_model(generate)
    generate.add_argument("--duration", type=float, default=8.0, metavar="SECONDS")
    generate.add_argument(
        "--temperature", type=float, default=1.0, metavar="T", help="0.1 likely to 2 daring"
    )
    generate.add_argument(
        "--top-k", type=int, default=0, metavar="K", help="only the K likeliest codes; 0 is all"
    )
    generate.add_argument(
        "--top-p", type=float, default=0.9, metavar="P", help="only the likeliest of this share"
    )
    generate.add_argument(
        "--seed", type=int, default=-1, metavar="N", help="the same gives the same; drawn without"
    )
    generate.add_argument(
        "--novelty", type=float, default=0.0, metavar="X", help="at least that new, 0 to 1"
    )
    generate.add_argument(
        "--prompt", default="", metavar="FILE", help="a document of codes to go on from"
    )
    _add_output(generate, "a sound file, or a .json document")
    add_server_option(generate)
    generate.set_defaults(run=_generate)

    grid = commands.add_parser("grid", help="look at documents of codes")
    what = grid.add_subparsers(required=True, metavar="WHAT")
    show = what.add_parser("show", help="print the codes")
    show.add_argument("document", metavar="FILE", help="a document, or - for the standard input")
    show.add_argument("--columns", default="", metavar="FIRST:STOP", help="only these")
    show.add_argument("--json", action="store_true", help="print one JSON object")
    show.set_defaults(run=_show)
    diff = what.add_parser("diff", help="print where two differ; exits with 1 when they do")
    diff.add_argument("one", metavar="FILE")
    diff.add_argument("other", metavar="FILE")
    diff.add_argument("--json", action="store_true", help="print one JSON object")
    diff.set_defaults(run=_diff)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", required=True, metavar="M", help="name of a model, or a .sda file"
    )
    _add_folder(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--models", metavar="DIR", help="folder of the model library")


def _add_output(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--output", required=True, metavar="FILE", help=text)
    parser.add_argument("--json", action="store_true", help="tell what was done as JSON")


def add_server_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets the running daemon do it."""
    parser.add_argument(
        "--server", nargs="?", const="", metavar="HOST:PORT",
        help="let the running daemon do it, as configured or there",
    )  # fmt: skip


def server_of(parsed: argparse.Namespace, settings: Settings) -> "DaemonAddress | None":
    """Return the daemon that is to do it, or None for this process.

    Raises:
        UsageError: what was given is no host and port.
    """
    if parsed.server is None:
        return None
    host, _, port = parsed.server.rpartition(":")
    if port and not port.isdecimal():
        raise UsageError(f"--server is '{parsed.server}'; write HOST:PORT, such as localhost:5630.")
    where = argparse.Namespace(
        host=host or None, port=int(port) if port else None, timeout=5.0, token=""
    )
    return daemon_of(where, settings)


def _encode(parsed: argparse.Namespace, settings: Settings) -> int:
    from .codes import Output, encode

    output = Output(parsed.output, parsed.json)
    return encode(
        _library(parsed, settings), parsed.model, parsed.input, output,
        server_of(parsed, settings),
    )  # fmt: skip


def _decode(parsed: argparse.Namespace, settings: Settings) -> int:
    from sdaudio.tasks.sounds import SoundForm

    from .codes import Output, decode

    try:
        levels = tuple(int(word) for word in parsed.levels.split(",") if word)
    except ValueError as error:
        raise UsageError(f"--levels is '{parsed.levels}'; write 0,1 for the first two.") from error
    return decode(
        _library(parsed, settings), parsed.model, parsed.input,
        Output(parsed.output, parsed.json), levels=levels,
        form=SoundForm(bits=parsed.bits, normalise=parsed.normalise, gain_db=parsed.gain),
        daemon=server_of(parsed, settings),
    )  # fmt: skip


def _generate(parsed: argparse.Namespace, settings: Settings) -> int:
    import secrets

    from sdaudio.prior import SamplingOptions

    from .codes import Output, generate

    seed = parsed.seed if parsed.seed >= 0 else secrets.randbelow(2**31)
    options = SamplingOptions(
        temperature=parsed.temperature, top_k=parsed.top_k, top_p=parsed.top_p, seed=seed,
        novelty=parsed.novelty,
    )  # fmt: skip
    return generate(
        _library(parsed, settings), parsed.model, parsed.duration, options,
        Output(parsed.output, parsed.json),
        prompt=parsed.prompt, daemon=server_of(parsed, settings),
    )  # fmt: skip


def _show(parsed: argparse.Namespace, settings: Settings) -> int:
    from .codes import show

    columns = None
    if parsed.columns:
        first, _, stop = parsed.columns.partition(":")
        if not (first.isdecimal() and stop.isdecimal() and int(first) < int(stop)):
            raise UsageError(f"--columns is '{parsed.columns}'; write FIRST:STOP, such as 0:48.")
        columns = (int(first), int(stop))
    width = shutil.get_terminal_size().columns
    return show(parsed.document, columns=columns, as_json=parsed.json, width=width)


def _diff(parsed: argparse.Namespace, settings: Settings) -> int:
    from .codes import diff

    return diff(parsed.one, parsed.other, as_json=parsed.json)


# -- models ----------------------------------------------------------------------------------------


def _add_models(commands: _Commands) -> None:
    models = commands.add_parser("models", help="the model library", description=_MODELS_ABOUT)
    _add_folder(models)
    models.add_argument("--json", action="store_true", help="print JSON")
    models.set_defaults(run=_list_models, words=[])
    what = models.add_subparsers(metavar="WHAT")
    for name, text in (("list", "list all"), ("search", "list those that fit all words")):
        listing = what.add_parser(name, help=text)
        listing.add_argument("words", nargs="*", metavar="WORD")
        _add_library(listing)
        listing.set_defaults(run=_list_models)
    info = what.add_parser("info", help="print all that a model says about itself")
    info.add_argument("name", metavar="NAME")
    _add_library(info)
    info.set_defaults(run=_model_info)
    for name, (_, address, words, text) in _MODELS.items():
        one = what.add_parser(name, help=text, usage=f"sdaudio models {name} {words}".rstrip())
        one.add_argument("words", nargs="*", metavar="WORD", help=words)
        _add_library(one)
        if address:
            add_server_option(one)
        one.set_defaults(run=functools.partial(_change_models, name))


def _add_library(parser: argparse.ArgumentParser) -> None:
    # what stands before WHAT stays unless it is given again behind it
    parser.add_argument("--models", metavar="DIR", default=argparse.SUPPRESS, help="the library")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def _library_settings(parsed: argparse.Namespace, settings: Settings) -> Settings:
    return override(settings, "folders", models=parsed.models)


def _library(parsed: argparse.Namespace, settings: Settings) -> "Library":
    from ..library import open_library

    return open_library(_library_settings(parsed, settings).folders)


def _list_models(parsed: argparse.Namespace, settings: Settings) -> int:
    from .library import list_models

    return list_models(_library_settings(parsed, settings), parsed.words, as_json=parsed.json)


def _model_info(parsed: argparse.Namespace, settings: Settings) -> int:
    from .library import show

    return show(_library_settings(parsed, settings), parsed.name, as_json=parsed.json)


def _change_models(name: str, parsed: argparse.Namespace, settings: Settings) -> int:
    from . import library as work

    function, address, words, _ = _MODELS[name]
    wanted = words.replace("[", "").replace("]", "").split()
    least = 0 if words.startswith("[") else len(words.split("[")[0].replace("...", "").split())
    most = len(wanted) if "..." not in words else sys.maxsize
    if not least <= len(parsed.words) <= most:
        raise UsageError(f"sdaudio models {name} {words}")
    daemon = server_of(parsed, settings) if address else None
    if daemon:
        from .errands import errands

        print(*errands(daemon).run(f"/sda/model/{address}", *parsed.words))
        return 0
    change: Callable[..., str] = getattr(work, function)
    print(change(_library(parsed, settings), *parsed.words))
    return 0


# -- pictures --------------------------------------------------------------------------------------


def _add_pictures(commands: _Commands) -> None:
    health = commands.add_parser("health", help="how well a model uses its codes")
    health.add_argument("model", help="name of a model, or a .sda file")
    _add_folder(health)
    health.add_argument("--json", action="store_true", help="print JSON")
    health.set_defaults(run=_health)

    plot = commands.add_parser("plot", help="draw a grid, a model, sounds or a take")
    what = plot.add_subparsers(required=True, metavar="WHAT")
    document, model, sounds = "a document of codes", "name of a model", "sound files"
    for name, (shows, text) in {
        "grid": (document, "a grid, the brighter a code sounds the brighter its cell"),
        "novelty": (document, "a take, and what of it is a copy of training sounds"),
        "usage": (model, "how often each code is used, the commonest first"),
        "usage-map": (model, "the same as a map, codes by their number"),
        "health": (model, "how much of its codebook each level uses"),
        "losses": (model, "the losses over the training"),
        "atlas": (model, "all codes, alike ones near each other"),
        "spectrogram": (sounds, "spectrograms side by side"),
        "compare": (sounds, "sounds, what a model makes of them, and the difference"),
    }.items():
        one = what.add_parser(name, help=text)
        one.add_argument("sources", nargs="+" if shows == sounds else 1, metavar="WHAT", help=shows)
        one.add_argument(
            "--output", type=Path, required=True, metavar="FILE", help="a .png or .svg file"
        )
        if shows != model:
            one.add_argument("--model", default="", metavar="M", help="whose codes they are")
        _add_folder(one)
        one.set_defaults(run=functools.partial(_plot, name))


def _health(parsed: argparse.Namespace, settings: Settings) -> int:
    from .pictures import health

    return health(_library(parsed, settings), parsed.model, as_json=parsed.json)


def _plot(kind: str, parsed: argparse.Namespace, settings: Settings) -> int:
    from .pictures import plot

    model = getattr(parsed, "model", "")
    return plot(_library(parsed, settings), kind, parsed.sources, parsed.output, model=model)


# -- the machine -----------------------------------------------------------------------------------


def _add_machine(commands: _Commands) -> None:
    doctor = commands.add_parser("doctor", help="check this machine and say what to install")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(run=_doctor)
    service = commands.add_parser(
        "service", help="print or install a unit that starts the daemon and watches over it"
    )
    service.add_argument(
        "--kind", choices=("systemd", "launchd"), help="which one; that of this system without"
    )
    service.add_argument("--install", action="store_true", help="write it where the system looks")
    service.add_argument("--replace", action="store_true", help="write over one that is there")
    service.add_argument(
        "options", nargs=argparse.REMAINDER, metavar="-- OPTIONS", help="options of sdaudio serve"
    )
    service.set_defaults(run=_service)
    bench = commands.add_parser("bench", help="how fast this machine is, in a few seconds")
    bench.add_argument("--model", default="starter", metavar="M")
    _add_folder(bench)
    bench.add_argument("--json", action="store_true", help="print JSON")
    bench.set_defaults(run=_bench)


def _service(parsed: argparse.Namespace, settings: Settings) -> int:
    from .service import service

    words = tuple(word for word in parsed.options if word != "--")
    return service(parsed.kind or "", words, install=parsed.install, replace=parsed.replace)


def _doctor(parsed: argparse.Namespace, settings: Settings) -> int:
    from .doctor import doctor

    return doctor(settings, as_json=parsed.json)


def _bench(parsed: argparse.Namespace, settings: Settings) -> int:
    from .bench import bench

    return bench(_library(parsed, settings), parsed.model, as_json=parsed.json)
