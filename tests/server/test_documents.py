"""Grids that are saved and opened again, here or on another machine."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sdaudio.errors import FileError, UsageError
from sdaudio.modelfile import read_model, write_model
from sdaudio.resources import starter_model


def _codes(client, grid: str) -> list[tuple]:
    return [client.call("/sda/grid/get", grid, level)[3:] for level in range(3)]


@pytest.fixture
def played(client, grid: str) -> str:
    """A grid with a history: two steps to undo, one to do again."""
    client.call("/sda/grid/set", grid, 0, 0, 1, 2, 3)
    client.call("/sda/grid/insert", grid, 1, 2)
    client.call("/sda/grid/set", grid, 1, 0, 9)
    client.call("/sda/grid/undo", grid)
    client.call("/sda/grid/label", grid, 1, "Colour")
    client.call("/sda/grid/solo", grid, 2, 1)
    return grid


def test_a_document_carries_codes_labels_and_history(client, played: str, tmp_path: Path):
    path, n_undo, n_redo = client.call("/sda/grid/save", played, str(tmp_path / "one"))
    assert path == str(tmp_path / "one.json")
    assert n_redo == 1
    answer = client.call("/sda/grid/open", "opened", path)
    info = client.call("/sda/grid/info", played)
    assert answer == ("opened", "starter", 3, info[3], n_undo, n_redo)
    assert client.call("/sda/grid/info", "opened")[6:] == info[6:]
    assert client.call("/sda/state/get", "/sda/state/grid/opened/solo/2") == (1,)
    client.call("/sda/grid/redo", played)
    client.call("/sda/grid/redo", "opened")
    assert _codes(client, "opened") == _codes(client, played)
    for _ in range(3):
        client.call("/sda/grid/undo", played)
        client.call("/sda/grid/undo", "opened")
        assert _codes(client, "opened") == _codes(client, played)
    client.call("/sda/grid/close", "opened")


def test_a_document_may_leave_its_history_out(client, played: str, tmp_path: Path):
    path, *steps = client.call("/sda/grid/save", played, str(tmp_path / "one.json"), "history", 0)
    assert steps == [0, 0]
    assert client.call("/sda/grid/open", "opened", path)[4:] == (0, 0)
    client.call("/sda/grid/close", "opened")


def test_a_document_finds_its_model_under_any_name_and_refuses_another(new_daemon, tmp_path: Path):
    running = new_daemon()
    starter = read_model(starter_model())
    folder = tmp_path / "models"
    for name, identity in (("mine", "one"), ("yours", "two")):
        write_model(folder / f"{name}.sda", replace(
            starter, header=replace(starter.header, name=name, identity=identity)
        ))  # fmt: skip
    with running.client() as client:
        client.call("/sda/grid/new", "a", "mine", 8)
        path, *_ = client.call("/sda/grid/save", "a", str(tmp_path / "a.json"))
        (folder / "mine.sda").rename(folder / "renamed.sda")
        assert client.call("/sda/grid/open", "b", path)[1] == "renamed"
        (folder / "renamed.sda").unlink()
        client.call("/sda/model/unload", "mine")
        with pytest.raises(FileError, match="no model 'mine'"):
            client.call("/sda/grid/open", "c", path)
        (folder / "yours.sda").rename(folder / "mine.sda")
        with pytest.raises(UsageError, match="those of another model that was called 'mine'"):
            client.call("/sda/grid/open", "c", path)
        assert client.call("/sda/grid/open", "c", path, "mine")[1] == "mine"
        record = json.loads(Path(path).read_text())
        record["model"]["codebook_size"] = 256
        Path(path).write_text(json.dumps(record))
        with pytest.raises(UsageError, match="3 levels of 256 codes"):
            client.call("/sda/grid/open", "d", path, "mine")
        with pytest.raises(UsageError, match="'a' is open already"):
            client.call("/sda/grid/open", "a", path)


def test_a_second_grid_is_the_same_with_or_without_its_history(client, played: str):
    info = client.call("/sda/grid/info", played)
    for name, history in (("plain", 0), ("whole", 1)):
        steps = info[6:8] if history else (0, 0)
        answer = client.call("/sda/grid/duplicate", played, name, history)
        assert answer == (name, 3, info[3], *steps)
        assert _codes(client, name) == _codes(client, played)
        assert client.call("/sda/grid/info", name)[8:] == info[8:]
        assert client.call("/sda/state/get", f"/sda/state/grid/{name}/solo/2") == (1,)
        client.call("/sda/grid/close", name)
    with pytest.raises(UsageError, match="open already"):
        client.call("/sda/grid/duplicate", played, played)


def test_a_renamed_grid_keeps_all_but_its_name_also_after_a_kill(new_daemon):
    running = new_daemon()
    with running.client() as client:
        client.call("/sda/grid/new", "old", "starter", 8)
        client.call("/sda/grid/set", "old", 0, 1, 7)
        client.call("/sda/play/loop", "old")
        client.call("/sda/subscribe")
        client.events.clear()
        client.call("/sda/grid/rename", "old", "new one")
        client.wait_for("/sda/grid/closed", lambda values: values == ("old",))
        client.wait_for("/sda/grid/state", lambda values: values[0] == "new one")
        client.call("/sda/play/loop", "new one")
        with pytest.raises(UsageError, match="no grid 'old'"):
            client.call("/sda/grid/info", "old")
        with pytest.raises(UsageError, match="cannot name a grid"):
            client.call("/sda/grid/rename", "new one", "a/b")
    running.process.kill()
    running.process.wait()
    with new_daemon().client() as client:
        assert client.call("/sda/grid/get", "new one", 0, 1, 1)[3] == 7
        client.call("/sda/grid/undo", "new one")
