"""What ``import sdaudio`` gives: models, codes and sounds in a few functions, for notebooks.

Codes are (level, column) uint16 arrays, sounds (sample,) float32 arrays at the rate of the model.

    model = sdaudio.load("starter")
    codes = sdaudio.encode(model, "kitchen.wav")
    codes = sdaudio.edit(model, codes, 0, 4, [20, 21, 22])
    sdaudio.write_sound(model, codes, "edited.wav")
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sdaudio.document import CodesOf, GridDocument, read_document, write_document
from sdaudio.errors import FileError, UsageError, nearest_hint
from sdaudio.grid import Codes, Grid, Region
from sdaudio.grid import blend as blend_codes
from sdaudio.header import ModelHeader
from sdaudio.modelfile import SUFFIX, read_codebooks, read_header
from sdaudio.prior import Novelty, SamplingOptions
from sdaudio.resources import starter_model
from sdaudio.settings import load_settings
from sdaudio.tasks import taking
from sdaudio.tasks.exporting import export
from sdaudio.tasks.rendering import renderer
from sdaudio.tasks.requests import Budget, Progressed, Report, Train
from sdaudio.tasks.sounds import Export, Origin, SoundForm
from sdaudio.tasks.takes import MeasureNovelty, Sample

Sound = NDArray[np.float32]
OnProgress = Callable[[float, float, str], None]
"""Called with the fraction done, the seconds left and a sentence."""


@dataclass(frozen=True, slots=True)
class CodecModel:
    """A model of the library, or of a file.

    ``codebooks`` are (level, code, latent_dim).
    """

    path: Path
    header: ModelHeader
    codebooks: NDArray[np.float32]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.stem

    @property
    def sample_rate(self) -> int:
        """Hz of all its sounds."""
        return self.header.codec.sample_rate

    @property
    def columns_per_second(self) -> float:
        """Columns of codes in a second of sound."""
        return self.header.codec.columns_per_second


def load(model: str | Path) -> CodecModel:
    """Read a model by its name in the library, or by the path of its file.

    Raises:
        FileError: there is none, or it is damaged.
    """
    path = _find(model)
    return CodecModel(path, read_header(path), read_codebooks(path))


def train(
    folder: str | Path,
    name: str,
    *,
    preset: str = "draft",
    minutes: float = 0.0,
    levels: int = 3,
    codebook_size: int = 0,
    frames: str = "auto",
    factors: bool = True,
    commitment_weight: float = 0.25,
    device: str = "auto",
    threads: int = 1,
    seed: int = 0,
    target: str | Path = "",
    on_progress: OnProgress = lambda _fraction, _eta_s, _text: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> CodecModel:
    """Train a model on a folder of sounds; its first version is written after seconds.

    Args:
        folder: 1 to 500 sound files, also in folders within it.
        name: of the model.
        preset: draft (2 minutes), standard (10) or best (a night).
        minutes: how long to train, whatever the preset says; 0 leaves it to that.
        levels: quantizer levels, 2 to 4.
        codebook_size: 64, 128 or 256; 0 chooses by the number of files.
        frames: short, long or auto.
        factors: whether the first level is loudness and attack alone.
        commitment_weight: how strongly latents are drawn to their codes, 0 to 10.
        device: auto, cpu, cuda or mps.
        threads: of torch.
        seed: the same one gives the same model, on the same machine in the same number of steps.
        target: where to write it; the library without it.
        on_progress: called with the fraction done, the seconds left and a sentence.
        should_stop: asked again and again; True ends the training and keeps the best so far.

    Raises:
        FileError: there is no such folder, or no sound in it.
        UsageError: an option is out of range.
    """
    from sdaudio.tasks.training import run

    settings = load_settings(None)
    path = Path(target) if target else settings.folders.models_path() / f"{name}{SUFFIX}"
    request = Train(
        name=name,
        folder=Path(folder).expanduser().resolve(),
        target=path,
        budget=Budget(preset, minutes, threads, device),
        levels=levels,
        frames=frames,
        factors=factors,
        codebook_size=codebook_size,
        commitment_weight=commitment_weight,
        sample_rate=settings.training.sample_rate,
        seed=seed,
        author=settings.training.author,
        licence=settings.training.licence,
    )
    run(request, report=_progress(on_progress), should_stop=should_stop)
    return load(path)


def encode(model: CodecModel, sound: str | Path | Sound) -> Codes:
    """Turn a sound into codes.

    Args:
        model: whose codes.
        sound: the path of a sound file of any rate, or (sample,) floats at the model's rate.

    Returns:
        (level, column) uint16; a column is 21.3 ms at 48 kHz.

    Raises:
        FileError: the file is missing or no sound.
        UsageError: the sound is empty or not mono.
    """
    if isinstance(sound, str | Path):
        from sdaudio.audio import read_sound

        sound = read_sound(Path(sound).expanduser(), model.sample_rate)
    return renderer(model.path).encode(np.asarray(sound, np.float32))


def decode(model: CodecModel, codes: NDArray[np.integer], *, levels: Iterable[int] = ()) -> Sound:
    """Turn codes into a sound.

    Args:
        model: whose codes they are.
        codes: (level, column).
        levels: those that are heard; all without it.

    Returns:
        (sample,) float32 at the model's rate.

    Raises:
        UsageError: there is no column, or a code or level does not exist.
    """
    return renderer(model.path).decode(np.asarray(codes), active=tuple(levels) or None)


def write_sound(
    model: CodecModel,
    codes: NDArray[np.integer],
    path: str | Path,
    *,
    levels: Iterable[int] = (),
    form: SoundForm | None = None,
    title: str = "",
    seed: int = -1,
) -> Path:
    """Turn codes into a sound file: .wav, .flac, .ogg, .mp3 or .aiff.

    Args:
        model: whose codes they are.
        codes: (level, column).
        path: where to.
        levels: those that are heard; all without it.
        form: bits, level, channels and rate of the file.
        title: stands in the file; its name without.
        seed: of the take, to be told in the file; -1 is none.

    Returns:
        The path of the file, which is there only when it is whole.

    Raises:
        UsageError: it is no kind of sound file, or a code or level does not exist.
        FileError: it cannot be written.
    """
    grid = _grid(model, codes)
    target = Path(path).expanduser().absolute()
    request = Export(
        model.path, grid.codes, tuple(levels) or tuple(range(grid.n_levels)), 0, grid.n_columns,
        target, form or SoundForm(), Origin(title or target.stem, 0, seed),
    )  # fmt: skip
    export(request, renderer(model.path), report=lambda _report: None, should_stop=lambda: False)
    return target


def edit(
    model: CodecModel,
    codes: NDArray[np.integer],
    level: int,
    column: int,
    new: int | Iterable[int] | NDArray[np.integer],
) -> Codes:
    """Write codes into a grid.

    Args:
        model: whose codes they are.
        codes: (level, column); not changed.
        level: the first level that is written, 0 is the coarsest.
        column: the first column that is written.
        new: a code, a row of codes, or (level, column) codes.

    Returns:
        The changed codes.

    Raises:
        UsageError: they do not fit inside the grid, or a code does not exist.
    """
    grid = _grid(model, codes)
    grid.apply(grid.change_to(level, column, np.atleast_2d(np.asarray(new))))
    return grid.codes.copy()


def blend(
    model: CodecModel,
    one: NDArray[np.integer],
    other: NDArray[np.integer],
    amount: float,
    *,
    levels: tuple[int, int] | None = None,
) -> Codes:
    """Blend two sounds in the space of the codec, and find the codes for it.

    Args:
        model: whose codes both are.
        one: (level, column); what ``amount`` 0 gives.
        other: (level, column), at least as long; what 1 gives.
        amount: 0 to 1.
        levels: the first and the last level that change; all without it.

    Returns:
        Codes as long as ``one``.

    Raises:
        UsageError: the other is shorter, or a code or level does not exist.
    """
    grid, goal = _grid(model, one), _grid(model, other)
    if goal.n_columns < grid.n_columns:
        raise UsageError(
            f"The other sound has {goal.n_columns} columns; it needs {grid.n_columns} as the first."
        )
    first, last = levels or (0, grid.n_levels - 1)
    region = Region(first, last - first + 1, 0, grid.n_columns)
    change, _ = blend_codes(
        grid, grid.codes, goal.codes[:, : grid.n_columns], region, amount, model.codebooks,
        structure_dims=model.header.codec.structure_dims,
    )  # fmt: skip
    grid.apply(change)
    return grid.codes.copy()


def sample(
    model: CodecModel,
    seconds: float,
    options: SamplingOptions | None = None,
    *,
    prompt: NDArray[np.integer] | None = None,
    on_progress: OnProgress = lambda _fraction, _eta_s, _text: None,
) -> Codes:
    """Draw new codes from the prior of a model.

    Args:
        model: that has a prior.
        seconds: how much.
        options: temperature, top_k, top_p, seed and all else.
        prompt: (level, column) codes to go on from; they are not part of the result.
        on_progress: called with the fraction done, the seconds left and a sentence.

    Returns:
        (level, column) uint16.

    Raises:
        StateError: the model has no prior.
        UsageError: an option is out of range.
    """
    columns = max(1, round(seconds * model.columns_per_second))
    given = None if prompt is None else np.asarray(prompt, np.uint16)
    request = Sample(model.path, columns, options or SamplingOptions(), given)
    return taking.sample_columns(request, _progress(on_progress), lambda: False).codes


def novelty(model: CodecModel, codes: NDArray[np.integer]) -> Novelty:
    """Measure how new codes are against the sounds of a model.

    Raises:
        FileError: the model does not carry the codes of its sounds.
    """
    return taking.measure(MeasureNovelty(model.path, np.asarray(codes, np.uint16)))


def plot(model: CodecModel, codes: NDArray[np.integer], path: str | Path) -> Path:
    """Draw codes as a grid, the brighter a code sounds the brighter its cell.

    Args:
        model: whose codes they are.
        codes: (level, column).
        path: a .png or .svg file.

    Returns:
        Its path. More pictures are in `sdaudio.plots`.
    """
    from sdaudio.descriptors import listen_to_codes
    from sdaudio.neighbours import ranks
    from sdaudio.plots import plot_grid

    grid, target = _grid(model, codes), Path(path).expanduser()
    bright = listen_to_codes(renderer(model.path)).brightness_hz
    plot_grid(
        grid.codes, model.header.level_names, target, codebook_size=grid.codebook_size,
        columns_per_second=model.columns_per_second,
        ranks=np.stack([ranks(level) for level in bright]),
    )  # fmt: skip
    return target


def write_codes(model: CodecModel, codes: NDArray[np.integer], path: str | Path) -> Path:
    """Write codes as a document that ``/sda/grid/open`` and `read_codes` read (JSON)."""
    target = Path(path).expanduser()
    write_document(target, document_of(model, codes, target.stem))
    return target


def document_of(model: CodecModel, codes: NDArray[np.integer], name: str) -> GridDocument:
    """Return codes as a document of a grid."""
    grid, codec = _grid(model, codes), model.header.codec
    owner = CodesOf(model.name, model.header.identity, codec.n_levels, codec.codebook_size)
    return GridDocument(name, owner, grid.codes, tuple(model.header.level_names))


def read_codes(path: str | Path, model: CodecModel | None = None) -> Codes:
    """Read the codes of a document.

    Args:
        path: as `write_codes` or ``/sda/grid/save`` wrote it.
        model: that they are to be played with; checked when it is given.

    Returns:
        (level, column) uint16.

    Raises:
        FileError: it is no document.
        UsageError: they are codes of a model of another shape.
    """
    return codes_for(read_document(Path(path).expanduser()), str(path), model)


def codes_for(document: GridDocument, path: str, model: CodecModel | None) -> Codes:
    """Return the codes of a document; as `read_codes`.

    Raises:
        UsageError: they are codes of a model of another shape.
    """
    if model is not None:
        codec, owner = model.header.codec, document.model
        if (owner.n_levels, owner.codebook_size) != (codec.n_levels, codec.codebook_size):
            raise UsageError(
                f"'{path}' has {owner.n_levels} levels of {owner.codebook_size} codes (those of "
                f"'{owner.name}'), the model '{model.name}' has {codec.n_levels} of "
                f"{codec.codebook_size}; its codes can't be played with it."
            )
    return document.codes


def _find(model: str | Path) -> Path:
    path = Path(model).expanduser()
    if path.suffix == SUFFIX:
        return path
    folder = load_settings(None).folders.models_path()
    own = folder / f"{model}{SUFFIX}"
    if own.is_file():
        return own
    if str(model) == starter_model().stem:
        return starter_model()
    names = [each.stem for each in folder.glob(f"*{SUFFIX}")]
    raise FileError(
        f"There is no model '{model}'.{nearest_hint(str(model), names)} Models are looked for in "
        f"{folder}."
    )


def _grid(model: CodecModel, codes: NDArray[np.integer]) -> Grid:
    grid = Grid(np.asarray(codes), model.header.codec.codebook_size)
    if grid.n_levels != model.header.codec.n_levels:
        raise UsageError(
            f"The codes have {grid.n_levels} levels, the model '{model.name}' has "
            f"{model.header.codec.n_levels}."
        )
    return grid


def _progress(tell: OnProgress) -> Callable[[Report], None]:
    def hear(report: Report) -> None:
        if isinstance(report, Progressed):
            tell(report.fraction, report.eta_s, report.text)

    return hear
