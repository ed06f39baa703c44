"""/sda/grid/render and its kin: grids and codes as sound files."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from sdaudio.errors import UsageError
from sdaudio.tasks.sounds import ExportCodes, Exported, SoundForm

from ..context import Context
from ..jobs import Job
from ..registry import Options, Results, Spec, command
from ..renders import Render
from ..scsynth import HOST, MAX_BUFFER, PORT, Scsynth
from ..wire import Peer
from .parameters import Column, GridName, Level, ModelName, OptionalColumns

Bits = Annotated[int, Spec("16, 24, 32 for floats; 0 is the best the kind of file has", 0, 32)]
Normalise = Annotated[bool, Spec("1 brings the loudest sample to -1 dB of full scale")]
FileGain = Annotated[float, Spec("level, after normalising", -96.0, 24.0, "dB")]
Dither = Annotated[bool, Spec("0 leaves the dither of 16 bits out")]
Channels = Annotated[int, Spec("2 writes the same sound twice", 1, 2)]
FileRate = Annotated[int, Spec("rate of the file, 0 is the model's", 0, 384_000, "Hz")]


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a client wants a sound file."""

    bits: int = 0
    normalise: bool = False
    gain: float = 0.0
    dither: bool = True
    channels: int = 1
    sample_rate: int = 0

    def form(self) -> SoundForm:
        """What to write with.

        Raises:
            UsageError: a value is not allowed.
        """
        return SoundForm(
            self.bits, self.normalise, self.gain, self.dither, self.channels, self.sample_rate
        )


AS_IT_IS = FileForm()
FileOptions = Annotated[
    FileForm,
    Options(
        (
            ("bits", Bits, 0),
            ("normalise", Normalise, False),
            ("gain", FileGain, 0.0),
            ("dither", Dither, True),
            ("channels", Channels, 1),
            ("sample_rate", FileRate, 0),
        )
    ),
]


@command("/sda/grid/render", returns="path frames rate peak", job=True)
async def render(
    context: Context,
    job: Job,
    grid: GridName,
    path: Annotated[str, Spec("where to; empty is the output folder")] = "",
    start: Column = 0,
    columns: OptionalColumns = 0,
    form: FileOptions = AS_IT_IS,
) -> Results:
    """Render a grid, or some columns of it, into a sound file.

    The name says which kind: .wav, .flac, .ogg, .mp3 or .aiff. It is announced when the file is
    complete, with its frames, rate and peak (1 is full scale); an older file stays in its place
    until then. A .wav holds floats (unless ``bits`` says otherwise) and is never clipped; in the
    others what is louder than full scale is turned down to it. Columns are written as they sound in
    their grid, so that what begins in the middle of a sound begins there. Model, grid, revision and
    seed stand in the file's comment.
    """
    session = context.sessions[grid]
    target = _target(context, path, f"{session.name}-{session.grid.revision}")
    wanted = Render(session, target, start, columns, form.form())
    job.progress(0.0, -1.0, f"rendering {wanted.target.name}")
    exported = await wanted.write(job.run)
    return str(exported.path), exported.frames, exported.sample_rate, exported.peak


@command("/sda/grid/follow", returns="path frames rate peak", job=True)
async def follow(
    context: Context,
    job: Job,
    grid: GridName,
    path: Annotated[str, Spec("where to; empty is <grid>.wav in the output folder")] = "",
    start: Column = 0,
    columns: OptionalColumns = 0,
    form: FileOptions = AS_IT_IS,
) -> Results:
    """Keep a sound file as the grid is: written now, and again after every burst of edits.

    For samplers, and for the sample folders of TidalCycles. What was edited is in the file 0.15
    seconds after the last edit, or a second after the first one of a long burst, and the time that
    rendering takes. The file is replaced in one go, so a reader never finds half of it. Each time
    you and all subscribers hear ``/sda/grid/rendered <grid> <path> <revision> <frames> <rate>
    <peak>``. The options are those of ``/sda/grid/render``. It ends with ``/sda/grid/unfollow``,
    with the grid, or with the daemon.
    """
    session = context.sessions[grid]
    target = _target(context, path, session.name)
    wanted = Render(session, target, start, columns, form.form())
    job.progress(0.0, -1.0, f"rendering {wanted.target.name}")
    exported = await context.following.follow(wanted, job.peer, job.run)
    return str(exported.path), exported.frames, exported.sample_rate, exported.peak


@command("/sda/grid/push", returns="buffer frames channels rate", job=True)
async def push(
    context: Context,
    job: Job,
    grid: GridName,
    buffer: Annotated[int, Spec("number of the buffer, bufnum of a Buffer", 0, MAX_BUFFER)],
    host: Annotated[str, Spec("where scsynth runs: on this machine")] = HOST,
    port: Annotated[int, Spec("UDP port of scsynth", 1, 65_535)] = PORT,
    start: Column = 0,
    columns: OptionalColumns = 0,
    normalise: Normalise = False,
    gain: FileGain = 0.0,
    channels: Channels = 1,
    sample_rate: FileRate = 0,
    wait: Annotated[float, Spec("how long scsynth may take to read it", 0.1, 60.0, "s")] = 10.0,
) -> Results:
    """Put a grid, or some columns of it, into a buffer of scsynth.

    Nothing is to be allocated before, and whatever the buffer held goes on sounding until the new
    sound is there whole. It is done when scsynth says so; answers what the buffer holds then. In
    sclang: ``b = Buffer.new(s); NetAddr("127.0.0.1", 5630).sendMsg("/sda/grid/push", "one",
    b.bufnum)``. To have every edit there, let a file follow the grid (``/sda/grid/follow``) and
    read it when ``/sda/grid/rendered`` comes.
    """
    form = SoundForm(0, normalise, gain, channels=channels, sample_rate=sample_rate)
    session = context.sessions[grid]
    with await Scsynth.open(host, port) as scsynth, TemporaryDirectory(prefix="sdaudio-") as folder:
        wanted = Render(session, Path(folder, f"{session.name}.wav"), start, columns, form)
        job.progress(0.0, -1.0, f"rendering {session.name}")
        exported = await wanted.write(job.run)
        job.progress(0.9, -1.0, f"scsynth reads {exported.frames} frames")
        held = await scsynth.read_into(buffer, exported.path, timeout_s=wait)
    return held.number, held.frames, held.channels, held.sample_rate


@command("/sda/grid/unfollow", returns="files")
def unfollow(
    context: Context,
    grid: GridName,
    path: Annotated[str, Spec("one of its files; empty is all")] = "",
) -> Results:
    """Leave the files of a grid as they are from now on; answers how many these were."""
    session = context.sessions[grid]
    target = context.settings.folders.writable(path) if path else None
    return (context.following.unfollow(session, target),)


@command("/sda/grid/follows", returns="files")
def list_followed(context: Context, peer: Peer) -> Results:
    """List the files that follow a grid: one ``/sda/grid/followed <grid> <path>`` for each."""
    renders = context.following.renders
    for each in renders:
        context.clients.tell(peer, "/sda/grid/followed", each.session.name, str(each.target))
    return (len(renders),)


@command("/sda/code/render", returns="model level path codes samples rate", job=True)
async def render_codes(
    context: Context,
    job: Job,
    model: ModelName,
    level: Level,
    path: Annotated[str, Spec("where to; empty is the output folder")] = "",
    columns: Annotated[int, Spec("how many columns each code is held", 1, 480)] = 24,
    form: FileOptions = AS_IT_IS,
) -> Results:
    """Render all codes of a level into one sound file: an instrument for a sampler.

    Each code sounds alone, the other levels absent, and begins from nothing: code n begins ``n *
    samples`` after the start of the file. ``/sda/code/ranks`` tells which are dark or bright.
    """
    loaded = context.library.model(model)
    loaded.check_level(level)
    target = _target(context, path, f"{model} codes of level {level}")
    job.progress(0.0, -1.0, f"rendering {target.name}")
    exported = await job.run(ExportCodes(loaded.path, level, columns, target, form.form()))
    if not isinstance(exported, Exported):
        raise TypeError(f"a render of codes was answered with {exported!r}")
    samples = exported.frames / loaded.codebook_size
    path = str(exported.path)
    return model, level, path, loaded.codebook_size, samples, exported.sample_rate


def _target(context: Context, path: str, name: str) -> Path:
    """Return where to write; without a path it is the file of this name in the output folder."""
    folders = context.settings.folders
    if not path:
        return folders.output_path() / f"{name}.wav"
    target = folders.writable(path)
    if target.is_dir():
        raise UsageError(f"'{target}' is a folder; name a file in it, such as '{name}.wav'.")
    return target
