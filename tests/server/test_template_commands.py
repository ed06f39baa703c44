"""Templates over real UDP, and what keeps them."""

import numpy as np
import pytest
from sessions_alone import new_sessions

from sdaudio.edits import Clip
from sdaudio.errors import FileError, SdaudioError, StateError
from sdaudio_server.client import Client
from sdaudio_server.journal import Journal
from sdaudio_server.templates import MAX_TEMPLATES, Templates


def _row(client: Client, grid: str, level: int) -> list:
    return list(client.call("/sda/grid/get", grid, level)[3:])


@pytest.fixture
def hit(client: Client, grid: str):
    """A template of 3 levels and 4 columns, and the codes in it."""
    name = "hit"
    assert client.call("/sda/template/save", name, grid, 0, 3, 2, 4) == (name, "starter", 0, 3, 4)
    yield name, [_row(client, grid, level)[2:6] for level in range(3)]
    client.call("/sda/template/delete", name)


def test_a_stamp_writes_what_was_saved_and_tells_what_did_not_fit(client, grid, hit):
    name, codes = hit
    before = [_row(client, grid, level) for level in range(3)]
    assert client.call("/sda/template/stamp", grid, name, 0, 20)[1:] == (1, 0, 0, 0)
    assert [_row(client, grid, level)[20:24] for level in range(3)] == codes
    client.call("/sda/grid/undo", grid)
    assert client.call("/sda/template/stamp", grid, name, 1, 45)[1:] == (1, 1, 2, 0)
    assert _row(client, grid, 1)[45:] == codes[0][:2]
    client.call("/sda/grid/undo", grid)
    assert [_row(client, grid, level) for level in range(3)] == before


def test_stamps_in_a_rhythm_are_one_step_to_undo(client, grid, hit):
    name, codes = hit
    before = [_row(client, grid, level) for level in range(3)]
    answer = client.call("/sda/template/euclid", grid, name, 0, 0, 3, 8, 5, "repeats", 2)
    assert answer[1:] == (4, 0, 0, 2)
    rows = [_row(client, grid, level) for level in range(3)]
    for column in (0, 15, 30, 40):
        assert [row[column : column + 4] for row in rows] == codes
    assert [row[4:15] for row in rows] == [row[4:15] for row in before]
    client.call("/sda/grid/undo", grid)
    assert client.call("/sda/template/every", grid, name, 0, 3, 10, "until", 40)[1:3] == (4, 0)
    assert [row[33:37] for row in (_row(client, grid, level) for level in range(3))] == codes
    client.call("/sda/grid/undo", grid)
    assert [_row(client, grid, level) for level in range(3)] == before


def test_a_template_outlives_its_grid_and_is_read_back(client: Client):
    client.call("/sda/grid/new", "short-lived", "starter", 300, "code", 0)
    client.call("/sda/grid/set", "short-lived", 1, 0, *range(100))
    client.call("/sda/template/save", "long", "short-lived", 1, 2, 0, 300)
    client.call("/sda/grid/close", "short-lived")
    assert client.call("/sda/template/info", "long") == ("long", "starter", 1, 2, 300)
    assert client.call("/sda/template/get", "long", 0, 90, 20)[3:] == (*range(90, 100), *[0] * 10)
    assert len(client.call("/sda/template/get", "long", 1)) == 3 + 256
    client.call("/sda/template/delete", "long")


def test_subscribers_hear_of_templates_and_new_ones_of_all_there_are(client, daemon, grid, hit):
    with daemon.client() as other:
        other.call("/sda/subscribe")
        first = other.wait_for("/sda/template/state", lambda v: v[0] == hit[0])
        assert first == (hit[0], "starter", 0, 3, 4)
        client.call("/sda/template/save", "b", grid, 0, 1, 0, 8)
        assert other.wait_for("/sda/template/state") == ("b", "starter", 0, 1, 8)
        client.call("/sda/template/rename", "b", "c")
        assert other.wait_for("/sda/template/state") == ("c", "starter", 0, 1, 8)
        assert other.wait_for("/sda/template/deleted") == ("b",)
        other.call("/sda/unsubscribe")
    client.events.clear()
    (count,) = client.call("/sda/template/list")
    told = [values for address, values in client.events if address == "/sda/template/state"]
    assert len(told) == count
    assert ("c", "starter", 0, 1, 8) in told
    client.call("/sda/template/delete", "c")


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/sda/template/stamp", ("starter", "hitt", 0, 0), "There is no template 'hitt'"),
        ("/sda/template/save", ("a/b", "starter", 0, 1, 0, 1), "cannot name a template"),
        ("/sda/template/save", ("x", "starter", 0, 1, 900, 1), "column is 900; allowed are"),
        ("/sda/template/get", ("hit", 3), "has rows 0 to 2 and columns 0 to 3"),
        ("/sda/template/save", ("hit", "starter", 0, 1, 0, 1), "may be replaced"),
        ("/sda/template/rename", ("hit", "hit"), "may be replaced"),
        ("/sda/template/euclid", ("starter", "hit", 0, 0, 9, 8, 1), "hits is 9"),
        ("/sda/template/every", ("starter", "hit", 0, 9, 4, 9), "until is 9"),
    ],
)
@pytest.mark.usefixtures("hit")
def test_what_cannot_be_done_with_a_template_says_why(client: Client, address, arguments, words):
    with pytest.raises(SdaudioError, match=words):
        client.call(address, *arguments)


def test_a_template_of_another_model_is_refused(new_daemon, foreign_model):
    with new_daemon().client() as client:
        client.call("/sda/grid/new", "foreign", foreign_model, 10)
        client.call("/sda/template/save", "hit", "foreign", 0, 1, 0, 4)
        with pytest.raises(StateError, match=r"come from model 'other'.*belongs to 'starter'"):
            client.call("/sda/template/stamp", "starter", "hit", 0, 0)


def _clip(code: int = 1) -> Clip:
    return Clip("bells", "", 64, 0, np.full((1, 4), code, np.uint16))


@pytest.fixture
def journal() -> Journal:
    return Journal(None)


def _names(templates: Templates) -> list[str]:
    return sorted(template.name for template in templates)


def test_templates_are_there_again_after_the_daemon_was_killed(new_daemon):
    first = new_daemon()
    with first.client() as client:
        client.call("/sda/template/save", "hit", "starter", 0, 3, 0, 4)
        client.call("/sda/template/save", "gone", "starter", 0, 3, 0, 4)
        client.call("/sda/template/rename", "hit", "kick")
        client.call("/sda/template/delete", "gone")
        codes = client.call("/sda/template/get", "kick", 1)
        first.process.kill()
        first.process.wait(10)
    with new_daemon().client() as client:
        assert client.call("/sda/template/list") == (1,)
        assert client.call("/sda/template/get", "kick", 1) == codes


def test_the_journal_has_what_is_there(told, journal):
    templates = Templates(told, journal)
    templates.save("a", _clip(1), replace=False)
    templates.save("b", _clip(2), replace=False)
    templates.save("a", _clip(3), replace=True)
    templates.rename("b", "c")
    again = Templates(told, journal)
    assert _names(again) == _names(templates) == ["a", "c"]
    assert again["a"].clip.codes[0, 0] == 3
    templates.delete("a")
    assert _names(Templates(told, journal)) == ["c"]


def test_what_could_not_be_kept_is_not_there(told, journal, monkeypatch):
    sessions, templates = new_sessions(told, journal=journal), Templates(told, journal)
    sessions.on_lost = templates.read_again
    with sessions.batch():
        templates.save("a", _clip(1), replace=False)

    def fail(*_: object) -> None:
        raise FileError("the disk is full")

    monkeypatch.setattr(journal, "_write", fail)
    with pytest.raises(FileError, match="disk is full"), sessions.batch():
        templates.save("b", _clip(2), replace=False)
    assert _names(templates) == ["a"]


def test_a_damaged_template_is_left_aside(told, journal, caplog):
    Templates(told, journal).save("a", _clip(), replace=False)
    journal.note_template("b", "{}")
    assert _names(Templates(told, journal)) == ["a"]
    assert "cannot be read again" in caplog.text


def test_there_is_a_bound_on_templates_and_on_their_length(told, journal):
    templates = Templates(told, journal)
    for number in range(MAX_TEMPLATES):
        templates.save(f"t{number}", _clip(), replace=False)
    with pytest.raises(StateError, match="Delete one with"):
        templates.save("more", _clip(), replace=False)
    templates.save("t0", _clip(), replace=True)
    long = Clip("bells", "", 64, 0, np.zeros((1, 5000), np.uint16))
    with pytest.raises(SdaudioError, match="a template has 1 to 4096"):
        templates.save("t1", long, replace=True)
