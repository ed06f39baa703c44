import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sdaudio import document as document_module
from sdaudio.document import CodesOf, GridDocument, read_document, write_document
from sdaudio.errors import FileError
from sdaudio.grid import Change


def _codes(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.uint16)


NONE = np.zeros((2, 0), np.uint16)
DOCUMENT = GridDocument(
    name="küche",
    model=CodesOf("pots", "abc", 2, 64),
    codes=_codes([1, 2, 3], [4, 5, 6]),
    labels=("Structure", "Detail"),
    muted=(1,),
    sound="/sounds/pan.wav",
    undo=(
        [Change(1, 0, _codes([9]), _codes([4]))],
        [Change(0, 1, NONE, _codes([2, 3], [5, 6])), Change(0, 0, _codes([8]), _codes([1]))],
    ),
    redo=([Change(0, 2, _codes([3], [6]), NONE)],),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_document(tmp_path / "one.json", DOCUMENT)
    return tmp_path / "one.json"


def _plain(document: GridDocument) -> list[object]:
    def plain(steps):
        return [
            [(c.level, c.column, c.before.tolist(), c.after.tolist()) for c in step]
            for step in steps
        ]

    facts = replace(document, codes=None, undo=(), redo=())
    return [facts, document.codes.tolist(), plain(document.undo), plain(document.redo)]


def test_what_was_written_is_read_again(path: Path):
    assert _plain(read_document(path)) == _plain(DOCUMENT)


def test_a_row_is_a_line_so_that_documents_can_be_compared(path: Path):
    lines = path.read_text("utf-8").splitlines()
    assert lines[lines.index('"codes": [') + 1 :][:2] == ["[1,2,3],", "[4,5,6]"]
    assert '"name": "küche",' in lines


def _put(*keys: str | int, value: object):
    def change(record: dict) -> None:
        for key in keys[:-1]:
            record = record[key]
        record[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_put("format", value="other"), "its format is not 'sda-grid'"),
        (_put("version", value=2), "version 2 of the format; this sdaudio reads version 1"),
        (lambda r: r.pop("codes"), "'codes' is missing"),
        (lambda r: r["model"].pop("levels"), "'levels' is missing"),
        (_put("model", value=None), "contradicts itself or is damaged"),
        (_put("codes", value=[[1, 2], [3]]), "the rows of codes differ in length"),
        (_put("codes", value=[[1, 2.5], [3, 4]]), "holds something that is no whole number"),
        (_put("codes", value=[[1, True], [3, 4]]), "holds something that is no whole number"),
        (_put("codes", value=[[1, 64], [3, 4]]), "codes outside 0 to 63"),
        (_put("codes", value=[[1, -1], [3, 4]]), "codes outside 0 to 63"),
        (_put("codes", value=[[], []]), "there is no column"),
        (_put("codes", value=[[1, 2]]), "2 levels, codes 1"),
        (_put("codes", value={}), "codes must be a list"),
        (_put("labels", value=["a"]), "labels 1"),
        (_put("muted", value=[2]), "muted names a level that is not there"),
        (_put("undo", 0, 0, "before", value=[[9, 9]]), "contradicts itself"),
        (_put("undo", 0, 0, "after", value=[[5]]), "does not fit what stands there"),
        (_put("undo", 0, 0, "column", value=7), "column is 7"),
        (_put("undo", 0, 0, "column", value=1 << 40), "undo must be a whole number"),
        (_put("redo", 0, 0, "column", value=3), "outside the grid"),
        (_put("redo", 0, 0, value={"level": 0}), "is missing"),
        (
            _put("redo", 0, value=[
                {"level": 0, "column": 0, "before": [[1, 2, 3], [4, 5, 6]], "after": [[], []]}
            ]),
            "leaves no column",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused_with_the_reason(path: Path, change, reason: str):
    record = json.loads(path.read_text("utf-8"))
    change(record)
    path.write_text(json.dumps(record), "utf-8")
    with pytest.raises(FileError) as raised:
        read_document(path)
    assert reason in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"format": 1'])
def test_what_is_no_document_is_refused(path: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(FileError, match="no document of a grid"):
        read_document(path)


def test_a_file_that_is_missing_or_too_large_is_refused(path: Path, monkeypatch):
    with pytest.raises(FileError, match="Cannot read"):
        read_document(path.with_name("other.json"))
    monkeypatch.setattr(document_module, "MAX_BYTES", 16)
    with pytest.raises(FileError, match="a document has"):
        read_document(path)
