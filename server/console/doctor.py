"""``sdaudio doctor``: what this machine has, what is missing, and how to get it."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import sdaudio
from sdaudio.errors import NoAnswerError, SdaudioError
from sdaudio.settings import Settings, user_settings_path

from ..client import DaemonAddress

State = Literal["ok", "optional", "missing"]

_ROOM_GB = 2.0
_HOW = {
    "portaudio": {
        "linux": "sudo apt install libportaudio2 (or your distribution's portaudio)",
        "darwin": "brew install portaudio",
        "win32": "python -m pip install --force-reinstall sounddevice",
    },
    "pd": {
        "linux": "sudo apt install puredata (0.52 or later)",
        "darwin": "brew install --cask pd, or puredata.info",
        "win32": "puredata.info/downloads",
    },
    "midi": {
        "linux": "sudo apt install libasound2; then python -m pip install 'sdaudio[midi]'",
        "darwin": "python -m pip install 'sdaudio[midi]'",
        "win32": "python -m pip install 'sdaudio[midi]'",
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Args:
        what: it is.
        state: ok; optional is not there and not needed; missing stops something.
        says: what was found.
        advice: what to do.
    """

    what: str
    state: State
    says: str
    advice: str = ""


def doctor(settings: Settings, *, as_json: bool) -> int:
    """Look at everything and print it; returns 1 when something is missing that is needed."""
    found = list(_findings(settings))
    if as_json:
        print(json.dumps([asdict(finding) for finding in found]))
    else:
        wide = max(len(finding.what) for finding in found)
        for finding in found:
            print(f"{finding.state:8} {finding.what:{wide}}  {finding.says}")
            if finding.advice:
                print(f"{'':8} {'':{wide}}  -> {finding.advice}")
    return int(any(finding.state == "missing" for finding in found))


def _findings(settings: Settings) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("sdaudio", "ok", f"{sdaudio.__version__}, Python {version}, {sys.platform}")
    for look in (_torch, _sound, _midi, _pd, _max, _cores, _daemon):
        yield look(settings)
    yield from _folders(settings)
    path = user_settings_path()
    yield Finding("settings", "ok", f"{path}{'' if path.is_file() else ' (none: the defaults)'}")


def _torch(settings: Settings) -> Finding:
    try:
        version = metadata.version("torch")
    except metadata.PackageNotFoundError:
        return Finding(
            "torch", "missing", "not installed: sounds can be played, not learned",
            "python -m pip install torch",
        )  # fmt: skip
    return Finding("torch", "ok", f"{version}, loaded when a training begins")


def _sound(settings: Settings) -> Finding:
    from ..playback.devices import list_devices

    try:
        names = [name for _, name in list_devices()]
    except (OSError, SdaudioError) as error:
        return Finding("sound card", "missing", f"PortAudio: {error}", _how("portaudio"))
    if not names:
        return Finding(
            "sound card", "optional", "none: everything works in silence, renders are written",
            "plug one in, or start JACK or PipeWire",
        )  # fmt: skip
    return Finding("sound card", "ok", ", ".join(names))


def _midi(settings: Settings) -> Finding:
    try:
        metadata.version("python-rtmidi")
    except metadata.PackageNotFoundError:
        return Finding("MIDI", "optional", "python-rtmidi is not installed", _how("midi"))
    return Finding("MIDI", "ok", "python-rtmidi; sdaudio midi ports lists what is connected")


def _pd(settings: Settings) -> Finding:
    found = _program(("pd", "pd-l2ork", "plugdata"), ("/Applications/Pd*.app",))
    if not found:
        return Finding("Pure Data", "optional", "not found", _how("pd"))
    return Finding("Pure Data", "ok", found, "sdaudio patches says where the patch is")


def _max(settings: Settings) -> Finding:
    found = _program((), ("/Applications/Max.app", "C:/Program Files/Cycling '74/Max*"))
    if not found:
        return Finding("Max", "optional", "not found")
    return Finding("Max", "ok", found, "sdaudio patches --copy-to max")


def _cores(settings: Settings) -> Finding:
    n_cores = os.cpu_count() or 1
    if n_cores < 2:
        return Finding("processor", "ok", "1 core: train when you do not play")
    return Finding("processor", "ok", f"{n_cores} cores")


def _daemon(settings: Settings) -> Finding:
    server = settings.server
    where = f"{server.own_host} port {server.port}"
    try:
        with DaemonAddress(server.own_host, server.port, timeout_s=0.5).connect() as client:
            client.call("/sda/hello")
        return Finding("daemon", "ok", f"runs at {where}")
    except NoAnswerError:
        pass
    except SdaudioError as error:
        return Finding("daemon", "ok", f"runs at {where}: {error}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((server.own_host, server.port))
        except OSError:
            return Finding(
                "daemon", "missing", f"another program holds {where}",
                "end it, or name another port: sdaudio serve --port 5640",
            )  # fmt: skip
    return Finding("daemon", "ok", f"does not run; {where} is free")


def _folders(settings: Settings) -> Iterator[Finding]:
    folders = {
        "models": settings.folders.models_path(),
        "renders": settings.folders.output_path(),
        "grids": settings.folders.grids_path(),
    }
    for name, folder in folders.items():
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not os.access(there, os.W_OK):
            yield Finding(
                name, "missing", f"{folder} cannot be written",
                f"change its owner, or name another one as folders.{name} in the settings",
            )  # fmt: skip
            continue
        room = shutil.disk_usage(there).free / 1e9
        advice = "make room: a model takes 6 MB, a training 30 MB" if room < _ROOM_GB else ""
        yield Finding(name, "ok", f"{folder} ({room:.0f} GB free)", advice)


def _program(names: tuple[str, ...], places: tuple[str, ...]) -> str:
    """Where a program is that goes by some names, or lies in some places; empty when nowhere."""
    paths = (shutil.which(name) for name in names)
    lying = (str(path) for place in places for path in _matches(place))
    return next((path for path in (*paths, *lying) if path), "")


def _matches(pattern: str) -> list[Path]:
    whole = Path(pattern)
    return sorted(whole.parent.glob(whole.name)) if whole.parent.is_dir() else []


def _how(what: str) -> str:
    return _HOW[what].get(sys.platform, _HOW[what]["linux"])
