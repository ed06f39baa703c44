"""Neighbours and sounds of codes, and steps between them, over real UDP."""

import numpy as np
import pytest

from sdaudio.errors import SdaudioError
from sdaudio.modelfile import read_codebooks, read_usage
from sdaudio.resources import starter_model
from sdaudio_server.client import Client

CODEBOOKS = read_codebooks(starter_model())


def _row(client: Client, grid: str, level: int) -> list:
    return list(client.call("/sda/grid/get", grid, level)[3:])


def test_neighbours_are_the_nearest_in_the_codebook(client: Client):
    answer = client.call("/sda/code/neighbours", "starter", 1, 77, 3)
    assert answer[:3] == ("starter", 1, 77)
    distances = np.linalg.norm(CODEBOOKS[1] - CODEBOOKS[1, 77], axis=1)
    expected = np.argsort(distances)[1:4]
    assert list(answer[3::2]) == expected.tolist()
    assert answer[4::2] == pytest.approx(distances[expected], rel=1e-5)
    assert len(client.call("/sda/code/neighbours", "starter", 1, 77, 255)) == 3 + 2 * 127


def test_what_a_code_is_agrees_with_the_ranks_of_its_level(client: Client):
    dark = client.call("/sda/code/ranks", "starter", 0)
    loud = client.call("/sda/code/ranks", "starter", 0, "loudness")
    assert (dark[:3], loud[:3]) == (("starter", 0, "brightness"), ("starter", 0, "loudness"))
    assert sorted(dark[3:]) == sorted(loud[3:]) == list(range(128))
    infos = [client.call("/sda/code/info", "starter", 0, code) for code in (3, 64, 90)]
    for answer in infos:
        code = answer[2]
        assert answer[3:5] == (dark[3 + code], loud[3 + code])
        assert answer[7] == read_usage(starter_model())[0, code]
        near = client.call("/sda/code/neighbours", "starter", 0, code)
        assert answer[8:] == near[3::2]
    by_hertz, by_rank = (sorted(infos, key=lambda a: a[i]) for i in (5, 3))
    assert by_hertz == by_rank


def test_a_step_by_ear_is_one_step_to_undo_and_answers_what_changed(client: Client, grid: str):
    before = [_row(client, grid, level) for level in range(3)]
    revision, changed = client.call("/sda/grid/step", grid, 0, 3, 4, 20, "louder", 2)
    after = [_row(client, grid, level) for level in range(3)]
    assert revision == client.call("/sda/grid/info", grid)[5]
    differs = (np.array(after) != np.array(before)).any(axis=0)
    assert differs.sum() == changed > 10
    assert not differs[:4].any()
    assert not differs[24:].any()
    client.call("/sda/grid/undo", grid)
    assert [_row(client, grid, level) for level in range(3)] == before


def test_steps_sent_at_once_follow_each_other(client: Client, grid: str):
    for _ in range(3):
        client.send("/sda/grid/step", grid, 0, 1, 10, 1, "softer")
    answers = [client.wait_for("/sda/done", lambda v: v[0] == "/sda/grid/step") for _ in range(3)]
    together = _row(client, grid, 0)[10]
    assert [answer[1] for answer in answers] == [1, 2, 3]
    client.call("/sda/grid/undo", grid, 3)
    client.call("/sda/grid/step", grid, 0, 1, 10, 1, "softer", 3)
    assert _row(client, grid, 0)[10] == together


def test_steps_of_one_gesture_are_one_step_to_undo(client: Client, grid: str):
    before = _row(client, grid, 0)
    client.call("/sda/grid/gesture", 1)
    for _ in range(3):
        client.call("/sda/grid/step", grid, 0, 1, 10, 4, "softer")
    client.call("/sda/grid/gesture", 0)
    assert _row(client, grid, 0) != before
    client.call("/sda/grid/undo", grid)
    assert _row(client, grid, 0) == before


def test_near_steps_and_random_codes_are_neighbours(client: Client, grid: str):
    before = _row(client, grid, 1)
    client.call("/sda/grid/step", grid, 1, 1, 0, 10)
    near = [client.call("/sda/code/neighbours", "starter", 1, code, 5)[3::2] for code in before]
    assert _row(client, grid, 1) == [codes[0] for codes in near[:10]] + before[10:]
    client.call("/sda/grid/undo", grid)
    _, seed = client.call("/sda/grid/randomise", grid, 1, 1, 0, 47, "nearest", 5)
    drawn = _row(client, grid, 1)
    assert all(code in codes for code, codes in zip(drawn, near, strict=True))
    client.call("/sda/grid/undo", grid)
    client.call("/sda/grid/randomise", grid, 1, 1, 0, 47, "nearest", 5, "seed", seed)
    assert _row(client, grid, 1) == drawn


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/sda/code/info", ("starter", 0, 128), "code is 128; allowed are 0 to 127"),
        ("/sda/code/neighbours", ("starter", 3, 0), "level is 3; allowed are 0 to 2"),
        ("/sda/code/ranks", ("starter", 0, "bright"), "Did you mean 'brightness'"),
        ("/sda/grid/step", ("starter", 0, 3, 0, 4, "brigther"), "Did you mean 'brighter'"),
        ("/sda/grid/step", ("starter", 0, 3, 0, 20, "darker", 26), "520 times to listen; 512 are"),
        ("/sda/grid/step", ("starter", 0, 3, 1000, 4, "darker"), "column is 1000; allowed are"),
        ("/sda/grid/randomise", ("starter", 0, 3, 0, 4, "nearest", 200), "1 to 127 are allowed"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(client, address, arguments, words):
    with pytest.raises(SdaudioError, match=words):
        client.call(address, *arguments)
