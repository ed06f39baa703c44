"""The command line: ``sdaudio serve``, ``train``, ``encode``, ``call`` and others.

What needs no daemon is in `console`, what talks to a running one in `shell`. Everything slow is
imported by the command that needs it, so that ``--help`` is instant.
"""

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import sdaudio
from sdaudio.errors import FileError, NoAnswerError, SdaudioError, UsageError
from sdaudio.settings import (
    DEVICE_NAMES,
    FRAME_NAMES,
    PRESET_NAMES,
    Settings,
    load_settings,
    override,
    user_settings_path,
)

from .console.parsers import add_console_commands, add_server_option, server_of
from .shell.parsers import add_shell_commands

Run = Callable[[argparse.Namespace, Settings], int]
_EXIT_CODES: tuple[tuple[type[SdaudioError], int], ...] = ((NoAnswerError, 3), (UsageError, 2))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Returns:
        0 done, 1 failed, 2 wrong usage, 3 no daemon answers, 130 interrupted.
    """
    # Renders of one thread are quicker than those of two, and the same bits as the daemon's.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # a name that a terminal cannot show is no reason to end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    parsed = command_line().parse_args(arguments)
    level = logging.DEBUG if parsed.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    run: Run = parsed.run
    try:
        return run(parsed, load_settings(parsed.config))
    except SdaudioError as error:
        print(f"sdaudio: {error}", file=sys.stderr)
        return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 1)
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130


def command_line() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="sdaudio",
        description="Train a small codec on your own sounds and play its codes live, over OSC.",
    )
    parser.add_argument("--version", action="version", version=f"sdaudio {sdaudio.__version__}")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (YAML)")
    parser.add_argument("--verbose", action="store_true", help="log every packet")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="start the daemon")
    serve.add_argument("--port", type=int, help="OSC port, 0 takes a free one")
    serve.add_argument(
        "--http-port", metavar="PORT", help="OSCQuery port, 0 for a free one, or off"
    )
    serve.add_argument("--device", help="sound card, by name or a part of it")
    serve.add_argument("--models", metavar="DIR", help="folder of the model library")
    serve.add_argument("--output", metavar="DIR", help="folder for renders")
    serve.add_argument("--grids", metavar="DIR", help="folder that keeps open grids and their undo")
    serve.add_argument(
        "--log", type=Path, metavar="FILE",
        help="write what it logs there, too; at 5 MB it is put aside, three of them are kept",
    )  # fmt: skip
    serve.set_defaults(run=_serve)

    train = commands.add_parser("train", help="train a model on a folder of sounds")
    train.add_argument(
        "folder", type=Path, nargs="?", metavar="DIR", help="folder with 1 to 500 sounds"
    )
    what = train.add_mutually_exclusive_group(required=True)
    what.add_argument("--name", help="name of a new model")
    what.add_argument("--resume", metavar="NAME", help="go on with a model that is there")
    what.add_argument("--add", metavar="NAME", help="add the sounds in DIR to a model")
    train.add_argument(
        "--preset", choices=PRESET_NAMES,
        help="draft (about 2 minutes, the default), standard (10) or best (a night, or a GPU)",
    )  # fmt: skip
    train.add_argument("--minutes", type=float, help="how long to train, whatever the preset says")
    train.add_argument(
        "--device", choices=DEVICE_NAMES,
        help="where to compute; auto takes a GPU when there is one",
    )  # fmt: skip
    train.add_argument(
        "--frames", choices=FRAME_NAMES,
        help="short keeps attacks sharp, long keeps tones steady; auto asks the sounds",
    )  # fmt: skip
    train.add_argument("--levels", type=int, help="quantizer levels: 2, 3 or 4")
    train.add_argument(
        "--factors", action=argparse.BooleanOptionalAction,
        help="let Structure be loudness and attack alone (the default), or a coarse copy of all",
    )  # fmt: skip
    train.add_argument(
        "--codebook-size", type=int, default=0, metavar="N",
        help="codes per level: 64, 128 or 256; by the number of files without",
    )  # fmt: skip
    train.add_argument("--commitment-weight", type=float, metavar="W")
    train.add_argument("--sample-rate", type=int, metavar="HZ")
    train.add_argument(
        "--threads", type=int, default=min(2, os.cpu_count() or 1),
        help="computing threads; one is better on a busy machine (default: 2, where there are two)",
    )  # fmt: skip
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--models", metavar="DIR", help="folder of the model library")
    train.add_argument("--replace", action="store_true", help="write over a model of this name")
    train.add_argument("--pictures", type=Path, metavar="DIR", help="write pictures there")
    train.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_server_option(train)
    train.set_defaults(run=_train)

    dataset = commands.add_parser("dataset", help="look at a folder of sounds before training")
    dataset.add_argument("folder", type=Path, metavar="DIR", help="folder with 1 to 500 sounds")
    dataset.add_argument("--json", action="store_true", help="print one JSON object")
    dataset.set_defaults(run=_dataset)

    prior = commands.add_parser("train-prior", help="train the prior of a model again")
    prior.add_argument("model", help="name of a model in the library")
    prior.add_argument(
        "--epochs", type=int, default=0, metavar="N", help="at most so often over all sounds"
    )
    prior.add_argument(
        "--hidden-size", type=int, default=0, metavar="N",
        help="numbers for a column, 16 to 256; by the length of the sounds without",
    )  # fmt: skip
    prior.add_argument(
        "--layers", type=int, default=0, metavar="N", help="layers of the net, 1 to 4; 2 without"
    )
    prior.add_argument(
        "--heads", type=int, default=0, metavar="N",
        help="heads of attention, 1 to 8, that the hidden size is a multiple of; 4 without",
    )  # fmt: skip
    prior.add_argument("--minutes", type=float, default=0.0, help="at most so long; 6 without")
    prior.add_argument("--counts-only", action="store_true", help="leave the net out")
    prior.add_argument("--models", metavar="DIR", help="folder of the model library")
    prior.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_server_option(prior)
    prior.set_defaults(run=_train_prior)

    report = commands.add_parser("report", help="how good a model is, in words and pictures")
    report.add_argument("model", help="name of a model in the library, or a .sda file")
    report.add_argument("--sounds", type=Path, metavar="DIR", help="the folder it was trained on")
    report.add_argument("--pictures", type=Path, metavar="DIR", help="write pictures there")
    report.add_argument("--models", metavar="DIR", help="folder of the model library")
    report.add_argument("--json", action="store_true", help="print the figures as JSON")
    report.set_defaults(run=_report)

    add_shell_commands(commands, parser)

    add_console_commands(commands)

    demo = commands.add_parser("demo", help="drive a daemon through everything and keep the sounds")
    demo.add_argument("--output", type=Path, default=Path("demo-output"), metavar="DIR")
    demo.add_argument("--minutes", type=float, default=0.5, help="how long to train")
    demo.set_defaults(run=_demo)

    config = commands.add_parser("config", help="show the settings and where they come from")
    config.add_argument(
        "what", nargs="?", choices=("show", "path", "defaults"), default="show",
        help="what counts now, where your own file is, or all defaults (default: %(default)s)",
    )  # fmt: skip
    config.set_defaults(run=_config)

    patches = commands.add_parser("patches", help="say where the patches are, or copy them")
    patches.add_argument(
        "--copy-to", metavar="pd|max|DIR",
        help="pd or max: where that looks for them; else a folder of your own",
    )  # fmt: skip
    patches.add_argument(
        "--replace", action="store_true", help="write over patches that are there already"
    )
    patches.set_defaults(run=_patches)

    reference = commands.add_parser("reference", help="print a reference page as Markdown")
    reference.add_argument(
        "page", nargs="?", choices=("osc", "cli", "config"), default="osc",
        help="which one (default: %(default)s)",
    )  # fmt: skip
    reference.set_defaults(run=_reference)
    return parser


def _serve(parsed: argparse.Namespace, settings: Settings) -> int:
    import asyncio

    from .app import run_daemon

    settings = override(
        settings, "server", port=parsed.port, http_port=_number_or_word(parsed.http_port)
    )
    settings = override(settings, "playback", device=parsed.device)
    settings = override(
        settings, "folders", models=parsed.models, output=parsed.output, grids=parsed.grids
    )

    if parsed.log:
        _log_to(parsed.log.expanduser())

    def ready(text: str) -> None:
        print(text, flush=True)

    asyncio.run(run_daemon(settings, ready))
    return 0


def _log_to(path: Path) -> None:
    from logging.handlers import RotatingFileHandler

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    except OSError as error:
        raise FileError(f"Cannot write the log '{path}': {error.strerror}.") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _number_or_word(text: str | None) -> int | str | None:
    return int(text) if text and text.isdecimal() else text


def _train(parsed: argparse.Namespace, settings: Settings) -> int:
    from .console import training as console

    daemon = server_of(parsed, settings)
    if daemon:
        return console.train_there(daemon, _asked_there(parsed), as_json=parsed.json)
    settings = override(settings, "folders", models=parsed.models)
    # A preset that is named wins over the minutes of the settings.
    minutes = 0.0 if parsed.preset and parsed.minutes is None else parsed.minutes
    settings = override(
        settings, "training", preset=parsed.preset, minutes=minutes, levels=parsed.levels,
        commitment_weight=parsed.commitment_weight, sample_rate=parsed.sample_rate,
        device=parsed.device, frames=parsed.frames,
        factors=parsed.factors,
    )  # fmt: skip
    settings = override(settings, "workers", training_threads=parsed.threads)
    if parsed.name is None:
        _refuse_shape(parsed)
    if parsed.resume is not None:
        if parsed.folder is not None:
            raise UsageError(
                "--resume reads the sounds that the model knows; --add takes more from a folder."
            )
        # Without --minutes a stopped training ends when it had planned to.
        settings = override(settings, "training", minutes=parsed.minutes or 0.0)
        return console.resume(
            settings, name=parsed.resume, pictures=parsed.pictures, as_json=parsed.json
        )
    if parsed.folder is None:
        raise UsageError("Say which folder of sounds: sdaudio train DIR --name NAME.")
    if parsed.add is not None:
        return console.add(
            settings, name=parsed.add, folder=parsed.folder, pictures=parsed.pictures,
            as_json=parsed.json,
        )  # fmt: skip
    return console.train(
        settings, folder=parsed.folder, name=parsed.name, codebook_size=parsed.codebook_size,
        seed=parsed.seed, pictures=parsed.pictures,
        replace=parsed.replace, as_json=parsed.json,
    )  # fmt: skip


def _asked_there(parsed: argparse.Namespace) -> dict[str, object]:
    """What the daemon is asked for by the options of ``train``."""
    if parsed.models or parsed.pictures:
        raise UsageError("--models and --pictures do not go with --server; it has its own library.")
    budget = {"preset": parsed.preset, "minutes": parsed.minutes, "device": parsed.device}
    if parsed.name is None:
        _refuse_shape(parsed)
        what = {"address": "/sda/train/resume", "name": parsed.resume}
        if parsed.add is not None:
            what = {"address": "/sda/train/add", "name": parsed.add, "folder": parsed.folder}
        return {**what, **budget}
    if parsed.folder is None:
        raise UsageError("Say which folder of sounds: sdaudio train DIR --name NAME.")
    factors = None if parsed.factors is None else int(parsed.factors)
    return {
        "address": "/sda/train/start", "name": parsed.name, "folder": parsed.folder, **budget,
        "frames": parsed.frames, "levels": parsed.levels,
        "codebook_size": parsed.codebook_size or None,
        "commitment_weight": parsed.commitment_weight, "sample_rate": parsed.sample_rate,
        "seed": parsed.seed, "factors": factors, "replace": int(parsed.replace),
    }  # fmt: skip


def _refuse_shape(parsed: argparse.Namespace) -> None:
    unset = {"frames": None, "levels": None, "factors": None, "codebook_size": 0, "seed": 0,
             "commitment_weight": None, "sample_rate": None, "replace": False}  # fmt: skip
    given = [name for name, value in unset.items() if getattr(parsed, name) != value]
    if given:
        option = given[0].replace("_", "-")
        raise UsageError(f"--{option} belongs to a new model; this one has its own already.")


def _dataset(parsed: argparse.Namespace, settings: Settings) -> int:
    from .report import show_dataset

    return show_dataset(parsed.folder, settings, as_json=parsed.json)


def _train_prior(parsed: argparse.Namespace, settings: Settings) -> int:
    from sdaudio.tasks.requests import PriorBudget

    from .console.training import train_prior, train_there

    daemon = server_of(parsed, settings)
    if daemon:
        asked = {
            "address": "/sda/prior/train", "name": parsed.model,
            "epochs": parsed.epochs or None, "hidden": parsed.hidden_size or None,
            "layers": parsed.layers or None, "heads": parsed.heads or None,
            "minutes": parsed.minutes or None, "counts_only": int(parsed.counts_only),
        }  # fmt: skip
        return train_there(daemon, asked, as_json=parsed.json)
    budget = PriorBudget(
        parsed.epochs, parsed.hidden_size, parsed.layers, parsed.heads, parsed.minutes,
        parsed.counts_only,
    )  # fmt: skip
    settings = override(settings, "folders", models=parsed.models)
    return train_prior(settings, name=parsed.model, budget=budget, as_json=parsed.json)


def _report(parsed: argparse.Namespace, settings: Settings) -> int:
    from .report import show_model

    return show_model(
        override(settings, "folders", models=parsed.models), name=parsed.model,
        sounds=parsed.sounds, pictures=parsed.pictures, as_json=parsed.json,
    )  # fmt: skip


def _demo(parsed: argparse.Namespace, settings: Settings) -> int:
    from .demo import run_demo

    return run_demo(parsed.output, minutes=parsed.minutes)


def _config(parsed: argparse.Namespace, settings: Settings) -> int:
    from .console.configuring import show
    from .manual import default_yaml

    if parsed.what == "path":
        print(user_settings_path())
    elif parsed.what == "defaults":
        print(default_yaml(), end="")
    else:
        print(show(parsed.config), end="")
    return 0


def _patches(parsed: argparse.Namespace, settings: Settings) -> int:
    from .shell.patches import copy, show

    return show() if parsed.copy_to is None else copy(parsed.copy_to, replace=parsed.replace)


def _reference(parsed: argparse.Namespace, settings: Settings) -> int:
    if parsed.page == "osc":
        from .commands import all_commands
        from .reference import render_reference
        from .registry import Registry

        print(render_reference(Registry(all_commands())), end="")
        return 0
    from .manual import cli_page, config_page

    print(config_page() if parsed.page == "config" else cli_page(command_line()), end="")
    return 0
