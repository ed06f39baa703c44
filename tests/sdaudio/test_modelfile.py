import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sdaudio.errors import FileError, UsageError
from sdaudio.header import (
    LEVEL_NAMES,
    CodecConfig,
    DatasetSummary,
    LevelHealth,
    LossPoint,
    ModelHeader,
    PriorSummary,
    SourceFile,
    TrainingSummary,
)
from sdaudio.modelfile import (
    CODEBOOKS,
    Model,
    read_codebooks,
    read_header,
    read_model,
    read_training_codes,
    read_usage,
    write_header,
    write_model,
)

CONFIG = CodecConfig(codebook_size=64)
HEADER = ModelHeader(
    "bells",
    CONFIG,
    LEVEL_NAMES[3],
    dataset=DatasetSummary((SourceFile("a.wav", 1.5), SourceFile("b.wav", 2.0)), "f00"),
    training=TrainingSummary(10, 1.0, history=(LossPoint(1, 0.1, 2.0, 1.0, 0.5),)),
    health=(LevelHealth(0.5, 20.0, 32, "green", "Healthy"),) * 3,
    prior=PriorSummary(columns=5, perplexity=3.0),
)


def _model(header: ModelHeader = HEADER) -> Model:
    rng = np.random.default_rng(0)
    return Model(
        header,
        {
            CODEBOOKS: rng.standard_normal((3, 64, 32)).astype(np.float32),
            "usage.counts": rng.integers(0, 9, (3, 64)),
            "dataset.codes": rng.integers(0, 64, (3, 5)).astype(np.uint16),
            "dataset.lengths": np.array([2, 3]),
        },
    )


def _rewrite(path: Path, model: Model, **changes: object) -> None:
    """Write a file by hand whose header record has some values changed."""
    write_model(path, model)
    record = {"format": "sda", "version": 2, "has_prior": model.header.has_prior}
    record |= json.loads(json.dumps(dataclasses.asdict(model.header)))
    for key, value in changes.items():
        record[key] = value
    save_file(dict(model.tensors), str(path), metadata={"sda": json.dumps(record)})


def test_a_model_reads_back_identically(tmp_path: Path):
    path, model = tmp_path / "bells.sda", _model()
    write_model(path, model)
    back = read_model(path)
    assert back.header == model.header
    assert back.tensors.keys() == model.tensors.keys()
    for name, tensor in model.tensors.items():
        np.testing.assert_array_equal(back.tensors[name], tensor)
        assert back.tensors[name].dtype == tensor.dtype
    assert read_header(path) == model.header
    np.testing.assert_array_equal(read_codebooks(path), model.tensors[CODEBOOKS])
    np.testing.assert_array_equal(read_usage(path), model.tensors["usage.counts"])


def test_a_header_is_written_anew_and_the_tensors_stay_as_they_are(tmp_path: Path):
    path, model = tmp_path / "bells.sda", _model()
    write_model(path, model, compact=True)
    before = load_file(path)
    header = dataclasses.replace(HEADER, level_names=("Attack", "Timbre", "Detail"))
    write_header(path, header)
    assert read_header(path) == header
    after = load_file(path)
    assert after.keys() == before.keys()
    for name, tensor in before.items():
        np.testing.assert_array_equal(after[name], tensor)
        assert after[name].dtype == tensor.dtype


def test_a_compact_file_is_smaller_and_keeps_codebooks_exact(tmp_path: Path):
    weights = np.random.default_rng(1).standard_normal((200, 200)).astype(np.float32)
    model = Model(HEADER, {**_model().tensors, "decoder.head.weight": weights})
    write_model(tmp_path / "full.sda", model)
    write_model(tmp_path / "compact.sda", model, compact=True)
    back = read_model(tmp_path / "compact.sda")
    saved = (tmp_path / "full.sda").stat().st_size - (tmp_path / "compact.sda").stat().st_size
    assert saved > 0.9 * weights.nbytes / 2
    np.testing.assert_array_equal(back.tensors[CODEBOOKS], model.tensors[CODEBOOKS])
    assert back.tensors["decoder.head.weight"].dtype == np.float32
    np.testing.assert_allclose(back.tensors["decoder.head.weight"], weights, rtol=1e-3)


def test_training_codes_come_back_per_file(tmp_path: Path):
    path, model = tmp_path / "bells.sda", _model()
    write_model(path, model)
    first, second = read_training_codes(path)
    np.testing.assert_array_equal(first, model.tensors["dataset.codes"][:, :2])
    np.testing.assert_array_equal(second, model.tensors["dataset.codes"][:, 2:])


def test_writing_leaves_no_temporary_file_and_replaces_the_old_one(tmp_path: Path):
    path = tmp_path / "bells.sda"
    write_model(path, _model())
    write_model(path, _model(dataclasses.replace(HEADER, author="somebody")))
    assert [file.name for file in tmp_path.iterdir()] == ["bells.sda"]
    assert read_header(path).author == "somebody"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FileError, match="Cannot write"):
        write_model(tmp_path / "file" / "bells.sda", _model())


@pytest.mark.parametrize("keep", [0, 7, 100, 2000])
def test_a_truncated_file_is_refused_by_name(tmp_path: Path, keep: int):
    path = tmp_path / "bells.sda"
    write_model(path, _model())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FileError, match=r"bells\.sda"):
        read_header(path)


def test_a_missing_a_foreign_and_a_pickled_file_are_refused(tmp_path: Path):
    with pytest.raises(FileError, match="no model file"):
        read_header(tmp_path / "none.sda")
    save_file({"a": np.zeros(1)}, str(tmp_path / "foreign.sda"))
    with pytest.raises(FileError, match="not an sdaudio model"):
        read_header(tmp_path / "foreign.sda")
    (tmp_path / "pickle.sda").write_bytes(b"\x80\x04cos\nsystem\n(S'echo'\ntR.")
    with pytest.raises(FileError, match="not a model file"):
        read_header(tmp_path / "pickle.sda")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 1}, "version 1"),
        ({"version": 99}, "version 99"),
        ({"format": "other"}, "format"),
        ({"has_prior": False}, "has_prior"),
        ({"level_names": ["one"]}, "1 names for 3 levels"),
        ({"name": 7}, "Expected `str`, got `int` - at `$.name`"),
        ({"health": "fine"}, "Expected `array`, got `str` - at `$.health`"),
        ({"codec": {**dataclasses.asdict(CONFIG), "n_levels": 9}}, "n_levels is 9"),
        ({"codec": {**dataclasses.asdict(CONFIG), "codebook_size": 128}}, "codebooks are F32"),
        ({"codec": {**dataclasses.asdict(CONFIG), "latent_dim": 10**9}}, "latent_dim"),
    ],
)
def test_a_header_that_is_wrong_or_lies_is_refused(tmp_path: Path, changes, words: str):
    path = tmp_path / "bells.sda"
    _rewrite(path, _model(), **changes)
    with pytest.raises(FileError) as raised:
        read_header(path)
    assert words in str(raised.value)
    assert "bells.sda" in str(raised.value)


@pytest.mark.parametrize("text", ["{", "[]", "null", "[" * 100_000])
def test_a_header_that_is_no_json_object_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "bells.sda"
    save_file(dict(_model().tensors), str(path), metadata={"sda": text})
    with pytest.raises(FileError, match=r"bells\.sda"):
        read_header(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path):
    model = _model()
    model.tensors[CODEBOOKS][0, 0, 0] = np.nan
    write_model(tmp_path / "bells.sda", model)
    with pytest.raises(FileError, match="NaN"):
        read_model(tmp_path / "bells.sda")


def test_a_codec_of_five_levels_does_not_exist():
    with pytest.raises(UsageError, match="2, 3 or 4"):
        CodecConfig(n_levels=5)
