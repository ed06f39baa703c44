import os
from pathlib import Path

import numpy as np
import pytest

from sdaudio.errors import FileError, StateError, UsageError
from sdaudio.header import LEVEL_NAMES, CodecConfig, ModelHeader
from sdaudio.modelfile import CODEBOOKS, Model, write_model
from sdaudio_server.library import Library, check_name


def _write(path: Path, *, levels: int = 3, fill: float = 0.0) -> Path:
    config = CodecConfig(n_levels=levels, codebook_size=64)
    codebooks = np.full((levels, 64, 32), fill, np.float32)
    header = ModelHeader(path.stem, config, LEVEL_NAMES[levels])
    write_model(path, Model(header, {CODEBOOKS: codebooks}))
    return path


@pytest.fixture
def library(tmp_path: Path) -> Library:
    bundled = _write(tmp_path / "bundled" / "starter.sda")
    return Library(tmp_path / "models", {"starter": bundled})


def test_a_library_without_a_folder_has_the_bundled_models(library: Library):
    assert [entry.name for entry in library.entries()] == ["starter"]
    assert library.model("starter").codebook_size == 64


def test_a_users_own_model_hides_the_bundled_one(library: Library):
    own = _write(library.target("starter"), levels=2)
    assert library.path("starter") == own
    assert library.load("starter").n_levels == 2


def test_damaged_and_foreign_files_are_listed_with_the_reason(library: Library):
    _write(library.target("good"))
    library.target("bad").write_bytes(b"not a model")
    entries = {entry.name: entry for entry in library.entries()}
    assert entries["good"].header is not None
    assert entries["bad"].header is None
    assert "bad.sda" in entries["bad"].problem


def test_loading_again_reads_the_file_as_it_is_now(library: Library):
    _write(library.target("a"), fill=1.0)
    assert library.load("a").codebooks[0, 0, 0] == 1.0
    _write(library.target("a"), fill=2.0)
    assert library.model("a").codebooks[0, 0, 0] == 1.0
    assert library.load("a").codebooks[0, 0, 0] == 2.0


def test_a_missing_model_names_the_nearest(library: Library):
    _write(library.target("kitchen"))
    with pytest.raises(FileError, match="Did you mean 'kitchen'"):
        library.load("kitchn")
    with pytest.raises(UsageError, match="not loaded"):
        library.unload("kitchen")


def test_a_model_is_only_replaced_when_that_is_said(library: Library):
    path = _write(library.target("a"))
    with pytest.raises(StateError, match="--replace"):
        library.new_target("a", replace=False)
    assert library.new_target("a", replace=True) == path
    assert library.new_target("b", replace=False).name == "b.sda"


@pytest.mark.parametrize("name", ["a", "Küche 2", "x.y-z_1", "7", "音"])
def test_ordinary_names_are_allowed(name: str):
    assert check_name("model", name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", ".hidden", "a\0", "a\n", " a", "*"])
def test_names_that_are_no_file_names_are_refused(library: Library, name: str):
    with pytest.raises(UsageError, match="cannot name a model"):
        library.target(name)


def test_a_thousand_models_are_listed_by_their_headers(library: Library):
    source = _write(library.target("m0"))
    for number in range(1, 1000):
        os.link(source, source.with_name(f"m{number}.sda"))
    assert len(library.entries()) == 1001


def test_a_deleted_model_comes_back_with_its_name(library: Library):
    _write(library.folder / "kitchen.sda", fill=1.0)
    before = library.path("kitchen").read_bytes()
    library.load("kitchen")

    library.delete("kitchen")

    assert not library.is_loaded("kitchen")
    assert [model.name for model in library.trash.models()] == ["kitchen"]
    assert "kitchen" not in [entry.name for entry in library.entries()]
    library.restore("kitchen", "kitchen")
    assert library.path("kitchen").read_bytes() == before
    assert library.trash.models() == []


def test_of_several_deleted_models_the_last_comes_back(library: Library):
    for fill in (1.0, 2.0):
        _write(library.folder / "kitchen.sda", fill=fill)
        library.delete("kitchen")
    library.restore("kitchen", "second")
    assert library.load("second").codebooks[0, 0, 0] == 2.0
    assert len(library.trash.models()) == 1


def test_a_restored_model_never_takes_the_place_of_another(library: Library):
    _write(library.folder / "kitchen.sda")
    library.delete("kitchen")
    _write(library.folder / "kitchen.sda", fill=3.0)
    with pytest.raises(FileError, match="another name"):
        library.restore("kitchen", "kitchen")
    with pytest.raises(FileError, match=r"no deleted model 'kitchem'.*kitchen"):
        library.restore("kitchem", "kitchem")


def test_a_renamed_model_stays_loaded_and_a_copy_is_equal(library: Library):
    _write(library.folder / "kitchen.sda", fill=1.0)
    library.load("kitchen")
    library.rename("kitchen", "attic")
    assert [model.name for model in library.loaded] == ["attic"]
    library.copy("attic", "attic two")
    assert library.path("attic two").read_bytes() == library.path("attic").read_bytes()
    with pytest.raises(StateError, match="already"):
        library.copy("attic", "attic two")


def test_what_comes_with_sdaudio_is_not_deleted(library: Library):
    with pytest.raises(StateError, match="comes with sdaudio"):
        library.delete("starter")


@pytest.mark.parametrize(
    ("words", "found"),
    [((), 2), (("KITCH",), 1), (("3x64",), 1), (("4x64", "kit"), 0), (("prior",), 0)],
)
def test_a_search_fits_all_words(library: Library, words: tuple[str, ...], found: int):
    library.folder.mkdir()
    _write(library.folder / "kitchen.sda")
    _write(library.folder / "attic.sda", levels=4)
    entries = [each for each in library.entries() if each.name != "starter"]
    assert sum(each.fits(words) for each in entries) == found
