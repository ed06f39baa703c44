"""Settings: dataclasses with defaults, and the YAML that may override them.

Settings are read once at the start and handed down as the small part each thing needs. An unknown
key fails and names the nearest one; a value of the wrong type or range fails and says what is
allowed. ``config/default.yaml`` shows every key with its default.
"""

import dataclasses
import ipaddress
import json
import os
import tempfile
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from sdaudio.errors import FileError, UsageError, nearest_hint

PRESET_NAMES = ("draft", "standard", "best")
"""The presets of a training; what they stand for is in `sdaudio.presets`."""
DEVICE_NAMES = ("auto", "cpu", "cuda", "mps")
"""Where a training may compute."""

FRAME_NAMES = ("auto", "short", "long")
"""How long the frames of a codec are; auto asks the sounds."""

PROJECT_FILE = "sdaudio.yaml"
"""In the working folder: the settings of a project."""
ANNOUNCE_NAMES = ("auto", "always", "never")
"""When the daemon tells the network that it is there."""
HTTP_OFF = -1
"""The HTTP port that means none; in YAML it is written ``off``."""


def choice(default: str, allowed: tuple[str, ...]) -> Any:  # noqa: ANN401 (dataclass field)
    """Declare a field that is one of some words, for `checked`."""
    return field(default=default, metadata={"allowed": allowed})


def bounded(default: float, low: float, high: float) -> Any:  # noqa: ANN401 (dataclass field)
    """Declare a number within a range, for `checked`."""
    return field(default=default, metadata={"range": (low, high)})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the daemon listens."""

    bind: str = "127.0.0.1"
    """Address to listen on. Any but a loopback address lets other machines in, needs a token from
    every client, and narrows the folders that files are read from and written to."""
    token: str = ""
    """What clients must show with /sda/hello before anything else. Empty: nothing on a loopback
    address; on any other one is made and kept in the user's data folder."""
    port: int = bounded(5630, 0, 65535)
    """OSC port for UDP and TCP; 0 takes any free port."""
    http_port: int = field(
        default=5631, metadata={"range": (HTTP_OFF, 65535), "words": {"off": HTTP_OFF}}
    )
    """Port of OSCQuery (HTTP and websocket); 0 or a taken one takes any free port, ``off`` none."""
    announce: str = choice("auto", ANNOUNCE_NAMES)
    """Whether to announce the daemon by zeroconf; auto does when ``bind`` is no loopback one."""
    far_future_s: float = bounded(60.0, 0.0, 3600.0)
    """How far ahead, in seconds, the timetag of a bundle may lie."""
    waiting_bundles: int = bounded(1000, 1, 100_000)
    """How many bundles may wait for their time."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the daemon."""
        if self.bind == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.bind).is_loopback
        except ValueError:
            return False

    @property
    def own_host(self) -> str:
        """Where a client on this machine reaches the daemon."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.bind, self.bind)


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """Where models and sounds live, and what file arguments may touch."""

    models: str = ""
    """Folder of the model library; empty means the user's data folder."""
    output: str = ""
    """Folder for renders without a path; empty means ``sdaudio`` in the user's music folder."""
    grids: str = ""
    """Folder that keeps open grids and their history; empty means the user's data folder."""
    read: tuple[str, ...] = ("/",)
    """Folders that file arguments may read from. Narrow it on a shared machine."""
    write: tuple[str, ...] = ("~", ".", "TEMP")
    """Folders that file arguments may write to, besides ``output``; TEMP is the system's."""

    def models_path(self) -> Path:
        """The folder of the model library, absolute."""
        if self.models:
            return Path(self.models).expanduser().resolve()
        return platformdirs.user_data_path("sdaudio", appauthor=False) / "models"

    def grids_path(self) -> Path:
        """The folder that keeps open grids and their history, absolute."""
        if self.grids:
            return Path(self.grids).expanduser().resolve()
        return platformdirs.user_data_path("sdaudio", appauthor=False) / "grids"

    def output_path(self) -> Path:
        """The folder that receives renders without a path of their own, absolute."""
        if self.output:
            return Path(self.output).expanduser().resolve()
        return platformdirs.user_music_path() / "sdaudio"

    def narrowed(self) -> "FolderSettings":
        """These folders for clients on other machines: only those that were configured.

        The defaults allow what the owner of the machine may do; others get the output folder.
        """
        default = FolderSettings()
        return dataclasses.replace(
            self,
            read=() if self.read == default.read else self.read,
            write=() if self.write == default.write else self.write,
        )

    def readable(self, text: str) -> Path:
        """Resolve a path that a client wants read.

        Raises:
            FileError: it lies outside the folders that may be read.
        """
        return self._inside(text, (*self.read, str(self.output_path())), "read")

    def writable(self, text: str) -> Path:
        """Resolve a path that a client wants written.

        Raises:
            FileError: it lies outside the folders that may be written.
        """
        return self._inside(text, (*self.write, str(self.output_path())), "write")

    def _inside(self, text: str, folders: tuple[str, ...], purpose: str) -> Path:
        if not text or "\0" in text:
            raise FileError("A path is empty or holds a NUL character.")
        try:
            path = Path(text).expanduser().resolve()
        except (OSError, RuntimeError) as error:
            # a user who is not there, or links that lead in a circle
            raise FileError(f"The path '{text[:256]}' leads nowhere: {error}.") from error
        if not any(path.is_relative_to(_folder(folder)) for folder in folders):
            raise FileError(
                f"'{path}' is outside the folders that clients may {purpose} "
                f"({', '.join(folders)}). Move the file, or add its folder to "
                f"folders.{purpose} in the configuration."
            )
        return path


@dataclass(frozen=True, slots=True)
class PlaybackSettings:
    """The sound card."""

    device: str = ""
    """Name or part of the name of the output device; empty means the system's default."""
    sample_rate: int = bounded(48_000, 8_000, 192_000)
    """Rate in Hz to open the device with."""
    block_length: int = bounded(256, 32, 4096)
    """Samples in one block; fewer answer sooner, more are safer."""
    all_channels: bool = False
    """Whether all channels of the device sound, or the first two."""
    gain_db: float = bounded(0.0, -96.0, 12.0)
    """Level of everything that is played."""
    head_rate: float = bounded(20.0, 0.0, 60.0)
    """Playhead events per second; 0 for none."""
    lead_ms: float = bounded(40.0, 5.0, 1000.0)
    """How long after the timetag of its bundle a start is heard. What is asked for in time starts
    exactly then; the less, the more may come late."""
    search_s: float = bounded(3.0, 0.0, 60.0)
    """Seconds between two looks for a device that is missing; 0 looks never."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Worker processes."""

    training_niceness: int = bounded(10, 0, 19)
    """How much a training yields to everything else (POSIX nice)."""
    training_threads: int = bounded(1, 1, 64)
    """Threads of one training in the daemon; more help only on a machine with free cores."""
    cancel_grace_s: float = bounded(2.0, 0.1, 60.0)
    """How long a cancelled job may take to end politely before its worker is replaced."""
    training_grace_s: float = bounded(60.0, 1.0, 600.0)
    """The same for a training, which encodes and saves what it has learned."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Defaults of a training; every one can be given with the request."""

    preset: str = choice("draft", PRESET_NAMES)
    """How much to spend: draft (2 minutes), standard (10) or best (a night, or a GPU)."""
    minutes: float = bounded(0.0, 0.0, 1440.0)
    """How long to train, whatever the preset says; 0 leaves it to the preset."""
    device: str = choice("auto", DEVICE_NAMES)
    """Where to compute; auto takes a GPU when there is one."""
    frames: str = choice("auto", FRAME_NAMES)
    """short (1024 samples) keeps attacks sharp, long (2048) keeps tones steady; auto asks the
    sounds."""
    levels: int = bounded(3, 2, 4)
    """Quantizer levels: 2, 3 or 4."""
    factors: bool = True
    """Whether Structure is loudness and attack alone; false makes it a coarse copy of all."""
    commitment_weight: float = bounded(0.25, 0.0, 10.0)
    """How strongly latents are pulled to their codes."""
    sample_rate: int = bounded(48_000, 8_000, 96_000)
    """Rate in Hz that sounds are learned and rendered at: 48000, or 44100 on request."""
    author: str = ""
    """Who makes the models; stands in every new one and in what is rendered with it."""
    licence: str = ""
    """Under which licence they are, such as CC0-1.0; stands there, too."""


@dataclass(frozen=True, slots=True)
class GridSettings:
    """Code grids."""

    undo_steps: int = bounded(10_000, 1, 1_000_000)
    """Steps that can be undone in one grid; older ones are forgotten."""
    undo_megabytes: float = bounded(64.0, 0.1, 100_000.0)
    """What the steps of one grid may take on disk; the oldest beyond are forgotten."""
    max_columns: int = bounded(40_000, 100, 1_000_000)
    """Longest grid in columns (40 000 are 14 minutes at 48 kHz)."""
    max_grids: int = bounded(256, 1, 10_000)
    """How many grids may be open."""


@dataclass(frozen=True, slots=True)
class MidiSettings:
    """Keys and knobs."""

    inputs: tuple[str, ...] = ("*",)
    """Which inputs to listen to, by name or a part of it; * is all of them."""
    maps: tuple[str, ...] = ("keyboard", "knobs", "launchpad")
    """Which maps to use: names of bundled ones or of your own, or paths of YAML files."""
    clock: bool = False
    """Whether the tempo, and with it the speed of all that plays, follows a MIDI clock."""
    clock_outputs: tuple[str, ...] = ()
    """Outputs that get a clock from the daemon, by name or a part of it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the daemon and the command line."""

    server: ServerSettings = field(default_factory=ServerSettings)
    folders: FolderSettings = field(default_factory=FolderSettings)
    playback: PlaybackSettings = field(default_factory=PlaybackSettings)
    workers: WorkerSettings = field(default_factory=WorkerSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    grids: GridSettings = field(default_factory=GridSettings)
    midi: MidiSettings = field(default_factory=MidiSettings)


def user_settings_path() -> Path:
    """Return where a user's own configuration is looked for."""
    return platformdirs.user_config_path("sdaudio", appauthor=False) / "sdaudio.yaml"


def midi_folder() -> Path:
    """Return the folder of a user's own MIDI maps, and of what was learned.

    It is beside the configuration, wherever that is (``SDAUDIO_CONFIG``).
    """
    return (_chosen_path() or user_settings_path()).parent / "midi"


def _chosen_path() -> Path | None:
    """The configuration that the environment names (``SDAUDIO_CONFIG``)."""
    chosen = os.environ.get("SDAUDIO_CONFIG", "")
    return Path(chosen).expanduser() if chosen else None


def token_path() -> Path:
    """Return where the token is kept that other machines must show, when none is configured."""
    return platformdirs.user_data_path("sdaudio", appauthor=False) / "token"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings: the defaults, and over them the `layers`, the later the stronger.

    Args:
        path: a file that is named on the command line.

    Raises:
        FileError: a file is missing or is not YAML.
        UsageError: a key is unknown or a value is not allowed.
    """
    settings = Settings()
    for layer in layers(path):
        settings = laid_over(settings, layer)
    return settings


def layers(path: Path | None = None) -> list[Path]:
    """Return the files that settings are read from, the weakest first.

    The user's own (the one that ``SDAUDIO_CONFIG`` names, else `user_settings_path`), the
    project's (``sdaudio.yaml`` in the working folder), and one that is named on the command line.
    What is named must exist; the others are left out when they do not.
    """
    chosen = _chosen_path()
    own = [chosen] if chosen else [each for each in (user_settings_path(),) if each.is_file()]
    project = Path(PROJECT_FILE)
    named = [*own, *([project] if project.is_file() else []), *([path] if path else [])]
    # one that is named twice is read once, where it is strongest
    return [each for number, each in enumerate(named) if each not in named[number + 1 :]]


def laid_over(settings: Settings, path: Path) -> Settings:
    """Return settings with what a file says laid over them.

    Raises:
        FileError: the file is missing or is not YAML.
        UsageError: a key is unknown or a value is not allowed.
    """
    record = read_yaml(path, "configuration")
    said = checked(Settings, {} if record is None else record, str(path))
    for section, keys in (record if isinstance(record, dict) else {}).items():
        part = getattr(said, section)
        values = {key: getattr(part, key) for key in keys or ()}
        changed = dataclasses.replace(getattr(settings, section), **values)
        settings = dataclasses.replace(settings, **{section: changed})
    return settings


def read_yaml(path: Path, what: str) -> object:
    """Read a YAML file.

    Args:
        path: the file.
        what: it is, for the texts of errors.

    Raises:
        FileError: it is missing or is not YAML.
    """
    # loaded only for a file that is there: a shell that completes a word waits for every import
    import yaml

    try:
        record: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"Cannot read the {what} '{path}': {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise FileError(f"The {what} '{path}' is not valid YAML: {reason}") from error
    return record


def yaml_of(record: object) -> str:
    """Return plain lists, dictionaries, texts and numbers as YAML."""
    import yaml

    return yaml.safe_dump(record, sort_keys=False, default_flow_style=None, allow_unicode=True)


def yaml_value(value: object) -> str:
    """Return a setting as it is written in YAML."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def override(settings: Settings, section: str, **values: object) -> Settings:
    """Return settings with some values of one section replaced; ``None`` leaves a value alone.

    Raises:
        UsageError: a value is not allowed.
    """
    part = getattr(settings, section)
    given = {name: value for name, value in values.items() if value is not None}
    hints = typing.get_type_hints(type(part))
    for name, value in given.items():
        given[name] = _check(type(part), name, hints[name], value, section)
    return dataclasses.replace(settings, **{section: dataclasses.replace(part, **given)})


def dump_settings(settings: Settings) -> str:
    """Return settings as YAML that `load_settings` reads back."""
    return yaml_of(dataclasses.asdict(settings))


_T = TypeVar("_T")


def checked(kind: type[_T], record: object, where: str) -> _T:
    """Make a dataclass of a record that was read, with every key and value checked.

    Args:
        kind: a dataclass of numbers, texts, switches, lists of texts, and further dataclasses.
        record: what was read.
        where: it was read from, for the texts of errors.

    Raises:
        UsageError: a key is unknown or a value is not allowed.
    """
    if not isinstance(record, dict):
        raise UsageError(f"{where} must hold keys with values, not {record!r}.")
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in record.items():
        if key not in hints:
            raise UsageError(
                f"{where}: unknown key '{key}'.{nearest_hint(str(key), hints)} "
                f"Allowed are {', '.join(hints)}."
            )
        hint = hints[key]
        if dataclasses.is_dataclass(hint):
            part = {} if value is None else value
            values[key] = checked(typing.cast(type[Any], hint), part, f"{where}: {key}")
        else:
            values[key] = _check(kind, key, hint, value, where)
    return kind(**values)


def _check(kind: type, name: str, hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    words = kind.__dataclass_fields__[name].metadata.get("words", {})  # type: ignore[attr-defined]
    # YAML reads a bare off as false
    value = words.get("off" if value is False else value, value) if words else value
    if hint is float and type(value) is int:
        value = float(value)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise UsageError(f"{where}: {name} must be a list of texts, not {value!r}.")
        return tuple(value)
    if isinstance(hint, types.UnionType) or type(value) is not hint:
        allowed = " or ".join((_TYPE_WORDS[hint], *words))
        raise UsageError(f"{where}: {name} must be {allowed}, not {value!r}.")
    limits = kind.__dataclass_fields__[name].metadata.get("range")  # type: ignore[attr-defined]
    if limits and not limits[0] <= value <= limits[1]:
        raise UsageError(f"{where}: {name} is {value}; allowed are {limits[0]} to {limits[1]}.")
    allowed = kind.__dataclass_fields__[name].metadata.get("allowed")  # type: ignore[attr-defined]
    if allowed and value not in allowed:
        raise UsageError(
            f"{where}: {name} is '{value}'; allowed are {', '.join(allowed)}."
            f"{nearest_hint(value, allowed)}"
        )
    return value


_TYPE_WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def _folder(text: str) -> Path:
    if text == "TEMP":
        return Path(tempfile.gettempdir()).resolve()
    return Path(text).expanduser().resolve()
