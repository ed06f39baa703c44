"""``sdaudio plot`` and ``health``: pictures and words about models, grids, sounds and takes."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from sdaudio import api
from sdaudio.descriptors import listen_to_codes
from sdaudio.errors import UsageError
from sdaudio.modelfile import read_header, read_usage
from sdaudio.tasks.rendering import renderer

from ..library import Library


def health(library: Library, model: str, *, as_json: bool) -> int:
    """Print how well each level of a model uses its codes; returns the exit code.

    Raises:
        SdaudioError: there is no such model.
    """
    header = read_header(library.find(model))
    levels = [
        {
            "level": name,
            "light": level.light,
            "used": round(level.utilisation, 4),
            "perplexity": round(level.perplexity, 2),
            "dead_codes": level.dead_codes,
            "says": level.sentence,
        }
        for name, level in zip(header.level_names, header.health, strict=True)
    ]
    if as_json:
        print(json.dumps(levels))
        return 0
    for level in levels:
        print(
            f"{level['level']:10} {level['light']:6} {level['used']:4.0%} used, "
            f"perplexity {level['perplexity']:5.1f}, {level['dead_codes']} dead: {level['says']}"
        )
    return 0


def plot(library: Library, kind: str, sources: Sequence[str], output: Path, *, model: str) -> int:
    """Draw a picture; returns the exit code.

    Args:
        library: where models are.
        kind: one of `KINDS`.
        sources: what it shows: one document, one model, or sound files.
        output: the .png or .svg file to write.
        model: whose codes a document has.

    Raises:
        SdaudioError: something is missing, or the picture cannot be written.
    """
    KINDS[kind](library, tuple(sources), output, model)
    print(output)
    return 0


def _grid(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    loaded = _owner(library, sources[0], model)
    api.plot(loaded, api.read_codes(sources[0], loaded), output)


def _novelty(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.plots import plot_novelty

    loaded = _owner(library, sources[0], model)
    codes = api.read_codes(sources[0], loaded)
    plot_novelty(
        codes, api.novelty(loaded, codes), loaded.header.level_names,
        [file.name for file in loaded.header.dataset.files], output,
        codebook_size=loaded.header.codec.codebook_size,
        columns_per_second=loaded.columns_per_second,
    )  # fmt: skip


def _usage(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.plots import plot_usage

    path = library.find(sources[0])
    plot_usage(read_usage(path), read_header(path).level_names, output)


def _usage_map(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.plots import plot_usage_map

    path = library.find(sources[0])
    plot_usage_map(read_usage(path), read_header(path).level_names, output)


def _health(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.plots import plot_health

    header = read_header(library.find(sources[0]))
    plot_health(header.health, header.level_names, output)


def _losses(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.plots import plot_losses

    plot_losses(read_header(library.find(sources[0])).training.history, output)


def _atlas(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.plots import plot_atlas

    loaded = api.load(library.find(sources[0]))
    plot_atlas(
        loaded.codebooks, listen_to_codes(renderer(loaded.path)), read_usage(loaded.path),
        loaded.header.level_names, output,
    )  # fmt: skip


def _spectrogram(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.audio import read_sound
    from sdaudio.plots import plot_spectrograms

    rate = 48_000
    plot_spectrograms(
        {Path(path).name: read_sound(Path(path).expanduser(), rate) for path in sources},
        rate, output,
    )  # fmt: skip


def _compare(library: Library, sources: tuple[str, ...], output: Path, model: str) -> None:
    from sdaudio.audio import read_sound
    from sdaudio.plots import plot_comparison

    if not model:
        raise UsageError("plot compare needs --model: the sounds go through it and back.")
    loaded = api.load(library.find(model))
    pairs = {}
    for path in sources:
        sound = read_sound(Path(path).expanduser(), loaded.sample_rate)
        pairs[Path(path).name] = (sound, api.decode(loaded, api.encode(loaded, sound)))
    plot_comparison(pairs, loaded.sample_rate, output)


def _owner(library: Library, document: str, model: str) -> api.CodecModel:
    """The model that is named, or the one whose codes a document has, by whatever name here."""
    from sdaudio.document import read_document

    if not model:
        owner = read_document(Path(document).expanduser()).model
        model = library.name_of(owner.identity, owner.name)
    return api.load(library.find(model))


_Draw = Callable[[Library, tuple[str, ...], Path, str], None]
KINDS: dict[str, _Draw] = {
    "grid": _grid,
    "novelty": _novelty,
    "usage": _usage,
    "usage-map": _usage_map,
    "health": _health,
    "losses": _losses,
    "atlas": _atlas,
    "spectrogram": _spectrogram,
    "compare": _compare,
}
