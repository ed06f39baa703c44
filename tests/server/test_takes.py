"""Drawing from the prior through a daemon: what comes, what stays, what is told, what is undone."""

import contextlib

import numpy as np
import pytest

from sdaudio.errors import StateError, UsageError
from sdaudio.modelfile import read_training_codes
from sdaudio.resources import starter_model
from sdaudio_server.client import Client, JobCancelled

LEVELS = 3


def codes_of(client: Client, grid: str) -> np.ndarray:
    columns = client.call("/sda/grid/info", grid)[3]
    rows = [
        [
            code
            for start in range(0, columns, 256)
            for code in client.call("/sda/grid/get", grid, level, start)[3:]
        ]
        for level in range(LEVELS)
    ]
    return np.array(rows)


@pytest.fixture
def grid(client: Client):
    """A grid of four seconds that the prior made; closed after the test."""
    client.job("/sda/prior/sample", "take", "starter", 4.0, "seed", 7)
    yield "take"
    client.call("/sda/grid/close", "take")


@pytest.fixture
def copy(client: Client, grid: str):
    """A grid that holds a training sound."""
    [codes] = [c for c in read_training_codes(starter_model()) if c.shape[1] == 164][:1]
    client.call("/sda/grid/new", "copy", "starter", codes.shape[1])
    for level in range(LEVELS):
        client.call("/sda/grid/set", "copy", level, 0, *codes[level].tolist())
    yield "copy"
    client.call("/sda/grid/close", "copy")


def n_undo(client: Client, grid: str) -> int:
    return client.call("/sda/grid/info", grid)[6]


def test_a_take_tells_how_new_it_is(client: Client, grid: str):
    told: list = []
    client.job(
        "/sda/prior/sample", grid, "starter", 2.0, "seed", 3, "novelty", 1.0, on_event=told.append
    )
    facts = [values for address, values in told if address == "/sda/prior/novelty"][-1]
    assert facts[:4] == (grid, 0, 94, 1.0)
    assert 0.0 <= facts[4] <= 1.0
    assert client.call("/sda/prior/novelty", grid) == facts


def test_a_copy_is_told_with_its_sound_and_the_second(client: Client, copy: str):
    number = [c.shape[1] for c in read_training_codes(starter_model())].index(164)
    client.call("/sda/prior/files", "starter")
    name = client.wait_for("/sda/prior/file", lambda v: v[1] == number)[2]
    facts = client.call("/sda/prior/novelty", copy)
    assert facts[3] == 0.0
    assert facts[5] == pytest.approx(164 * 1024 / 48_000)
    assert facts[7:9] == (name, 0.0)
    part = client.call("/sda/prior/novelty", copy, 50, 60)
    assert part[1:4] == (50, 60, 0.0)
    assert part[6] == pytest.approx(50 * 1024 / 48_000)
    assert part[8] == pytest.approx(50 * 1024 / 48_000)


def test_sampling_obeys_its_controls_and_names_wrong_ones(client: Client, grid: str):
    options = (
        "typical", 0.9, "temperature0", 0.5, "hold", 0.1, "avoid", 0.5, "phrase", 3, "seed", 5,
        "files", "kick.wav, 11, bell_*",
    )  # fmt: skip
    client.job("/sda/prior/sample", grid, "starter", 3.0, *options)
    once = codes_of(client, grid)
    client.job("/sda/prior/sample", grid, "starter", 3.0, *options)
    assert np.array_equal(codes_of(client, grid), once)
    used = read_training_codes(starter_model())
    allowed = np.concatenate([used[n] for n in (2, 3, 4, 5, 9, 11)], axis=1)
    for level in range(LEVELS):
        assert set(once[level]) <= set(allowed[level].tolist())
    stays = np.flatnonzero(np.diff(once[0], prepend=-1, append=-1))
    assert np.diff(stays).max() <= round(0.1 * 48_000 / 1024)
    for wrong, text in (("kik.wav", "Did you mean 'kick.wav'"), ("99", "files 0 to 28")):
        with pytest.raises(UsageError, match=text):
            client.job("/sda/prior/sample", grid, "starter", 1.0, "files", wrong)
    with pytest.raises(UsageError, match=r"0\.1 to 2\.0"):
        client.job("/sda/prior/sample", grid, "starter", 1.0, "temperature1", 0.05)


def test_a_grid_goes_on_from_any_column_as_one_step(client: Client, grid: str):
    before = codes_of(client, grid)
    steps = n_undo(client, grid)
    assert client.job("/sda/prior/continue", grid, 60, 5.0, "seed", 2)[:2] == (grid, 234)
    after = codes_of(client, grid)
    assert after.shape == (LEVELS, 294)
    assert np.array_equal(after[:, :60], before[:, :60])
    assert (after[:, 60:188] != before[:, 60:]).any()
    assert n_undo(client, grid) == steps + 1
    client.call("/sda/grid/undo", grid)
    assert np.array_equal(codes_of(client, grid), before)
    client.call("/sda/grid/redo", grid)
    assert np.array_equal(codes_of(client, grid), after)


def test_a_take_that_goes_on_with_its_seed_is_the_longer_take(client: Client, grid: str):
    whole = codes_of(client, grid)
    client.call("/sda/grid/delete", grid, 100, whole.shape[1] - 100)
    client.job("/sda/prior/continue", grid, -1, 2.0, "seed", 7)
    assert np.array_equal(codes_of(client, grid)[:, :188], whole[:, :188])
    with pytest.raises(UsageError, match="the end of the grid"):
        client.job("/sda/prior/continue", grid, 1000, 1.0)


def test_a_cancelled_continuation_keeps_what_came_and_is_undone_in_one_step(
    client: Client, grid: str
):
    before = codes_of(client, grid)
    client.call("/sda/subscribe")
    (job,) = client.call("/sda/prior/continue", grid, 50, 30.0)
    client.wait_for("/sda/grid/state", lambda v: v[0] == grid and v[3] != before.shape[1])
    client.call("/sda/job/cancel", job)
    with contextlib.suppress(JobCancelled):  # it may have been quicker
        client.wait_for_job(job)
    told = client.wait_for("/sda/prior/novelty", lambda v: v[:2] == (grid, 50))
    after = codes_of(client, grid)
    assert after.shape[1] == 50 + told[2] > 50
    assert np.array_equal(after[:, :50], before[:, :50])
    client.call("/sda/grid/undo", grid)
    assert np.array_equal(codes_of(client, grid), before)
    client.call("/sda/unsubscribe")


def test_only_the_region_is_filled_and_locked_cells_stay(client: Client, grid: str):
    before = codes_of(client, grid)
    client.call("/sda/prior/lock", grid, 1, 1)
    assert client.call("/sda/prior/lock", grid, 0, 1, 40, 5) == (grid, 0, 5)
    client.job("/sda/prior/infill", grid, 0, 3, 30, 30, "seed", 4)
    after = codes_of(client, grid)
    changed = after != before
    assert changed[0, 30:60].any()
    assert changed[2, 30:60].any()
    assert not changed[1].any()
    assert not changed[0, 40:45].any()
    assert not changed[:, :30].any()
    assert not changed[:, 60:].any()
    client.call("/sda/grid/undo", grid)
    assert np.array_equal(codes_of(client, grid), before)
    client.job("/sda/prior/infill", grid, 2, 1, 0, 188, "seed", 4)
    changed = codes_of(client, grid) != before
    assert changed.any(axis=1).tolist() == [False, False, True]


def test_locks_move_with_their_columns_and_can_be_freed(client: Client, grid: str):
    client.call("/sda/prior/lock", grid, 2, 1, 20, 4)
    client.call("/sda/grid/insert", grid, 10, 8)
    with pytest.raises(StateError, match=r"Every cell .* is locked"):
        client.job("/sda/prior/infill", grid, 2, 1, 28, 4)
    before = codes_of(client, grid)
    client.job("/sda/prior/infill", grid, 2, 1, 20, 20, "temperature", 2.0, "seed", 1)
    changed = codes_of(client, grid) != before
    assert not changed[2, 28:32].any()
    assert changed[2, 20:40].any()
    assert client.call("/sda/prior/lock", grid, 2, 0) == (grid, 2, 0)


def test_a_lock_is_a_value_that_can_be_set(client: Client, grid: str):
    client.send(f"/sda/state/grid/{grid}/lock/1", 1)
    client.wait_for("/sda/done", lambda v: v[:3] == ("/sda/prior/lock", grid, 1))
    with pytest.raises(StateError, match="is locked"):
        client.job("/sda/prior/infill", grid, 1, 1, 0, 8)
    client.call("/sda/state/get", f"/sda/state/grid/{grid}/lock")
    assert client.wait_for(f"/sda/state/grid/{grid}/lock/1") == (1,)


def test_the_likelihood_of_a_filling_tells_what_fits(client: Client, grid: str):
    likelihoods = [
        client.job("/sda/prior/infill", grid, 0, 3, 80, 16, "seed", 5, "tries", tries)[1]
        for tries in (1, 16)
    ]
    assert likelihoods[0] <= likelihoods[1] < 0


def test_candidates_are_tried_in_place_and_are_one_step(client: Client, grid: str):
    before = codes_of(client, grid)
    steps = n_undo(client, grid)
    told: list = []
    result = client.job(
        "/sda/prior/candidates", grid, 0, 2, 40, 20, 3, "seed", 6, on_event=told.append
    )
    assert result == (grid, 3, 6)
    offered = [values for address, values in told if address == "/sda/prior/candidate"]
    assert [values[1] for values in offered] == [1, 2, 3]
    ranks = [values[2] for values in offered]
    assert ranks == sorted(ranks, reverse=True)
    assert all(0 <= values[3] <= 1 for values in offered)
    assert np.array_equal(codes_of(client, grid), before)
    tried = []
    for number in (1, 2, 3, 1):
        client.call("/sda/prior/pick", grid, number)
        tried.append(codes_of(client, grid))
        assert n_undo(client, grid) == steps + 1
        assert np.array_equal(tried[-1][2], before[2])
        assert np.array_equal(tried[-1][:, :40], before[:, :40])
    assert np.array_equal(tried[0], tried[3])
    assert len({codes.tobytes() for codes in tried}) == 3
    client.call("/sda/prior/pick", grid, 0)
    assert np.array_equal(codes_of(client, grid), before)
    assert n_undo(client, grid) == steps
    client.call("/sda/prior/pick", grid, 2)
    client.call("/sda/grid/undo", grid)
    assert np.array_equal(codes_of(client, grid), before)
    with pytest.raises(UsageError, match="allowed are 1 to 3"):
        client.call("/sda/prior/pick", grid, 4)


def test_an_edit_ends_what_was_tried(client: Client, grid: str):
    with pytest.raises(StateError, match="has no candidates"):
        client.call("/sda/prior/pick", grid, 1)
    client.job("/sda/prior/candidates", grid, 0, 3, 40, 20, 2, "seed", 6)
    client.call("/sda/prior/pick", grid, 1)
    client.call("/sda/grid/set", grid, 0, 0, 5)
    with pytest.raises(StateError, match="was edited since"):
        client.call("/sda/prior/pick", grid, 2)
    assert codes_of(client, grid)[0, 0] == 5


def test_a_slider_of_variations_adds_cells_and_brings_them_back(client: Client, grid: str):
    before = codes_of(client, grid)
    steps = n_undo(client, grid)
    takes = {}
    seed = -1
    for amount in (0.2, 0.6, 1.0, 0.2, 0.0):
        _, n_changed, novelty, used = client.call("/sda/prior/vary", grid, 0, 3, 30, 60, amount)
        assert seed in (-1, used)
        seed = used
        assert 0 <= novelty <= 1
        codes = codes_of(client, grid)
        assert n_changed == (codes != before).sum()
        assert np.array_equal(takes.setdefault(amount, codes), codes)
        assert n_undo(client, grid) <= steps + 1
    assert np.array_equal(takes[0.0], before)
    for less, more in ((0.2, 0.6), (0.6, 1.0)):
        has_changed = takes[less] != before
        assert np.array_equal(takes[less][has_changed], takes[more][has_changed])
    assert (takes[1.0] != before).sum() > (takes[0.2] != before).sum() > 0
    client.call("/sda/prior/vary", grid, 0, 3, 30, 60, 0.5)
    client.call("/sda/grid/undo", grid)
    assert np.array_equal(codes_of(client, grid), before)


def test_a_slider_that_is_faster_than_the_drawing_ends_where_it_was_left(client: Client, grid: str):
    client.call("/sda/prior/vary", grid, 0, 3, 0, 188, 1.0, "seed", 3)
    wanted = codes_of(client, grid)
    for step in range(40):
        client.send("/sda/prior/vary", grid, 0, 3, 0, 188, step / 40, "seed", 3)
    client.send("/sda/prior/vary", grid, 0, 3, 0, 188, 1.0, "seed", 3)
    client.send("/sda/sync", 1)
    client.wait_for("/sda/synced", lambda v: v[0] == 1)
    assert np.array_equal(codes_of(client, grid), wanted)


def test_a_morph_leads_from_one_grid_to_another(client: Client, grid: str, copy: str):
    result = client.job("/sda/prior/morph", grid, copy, "between", 6.0, "seed", 9)
    assert result == ("between", 281, 9)
    morph, first, last = (codes_of(client, name) for name in ("between", grid, copy))
    for part, source in ((morph[:, :20], first[:, :40]), (morph[:, -20:], last[:, -40:])):
        assert np.mean([code in set(source[0]) for code in part[0]]) > 0.9
    client.call("/sda/grid/close", "between")
    with pytest.raises(UsageError, match="nowhere"):
        client.job("/sda/prior/morph", grid, "nowhere", "between", 2.0)


def test_a_long_filling_tells_its_progress_and_can_be_cancelled(client: Client, grid: str):
    client.job("/sda/prior/continue", grid, -1, 27.0, "seed", 1)
    before = codes_of(client, grid)
    (job,) = client.call("/sda/prior/infill", grid, 0, 3, 0, 1400, "tries", 64)
    client.wait_for("/sda/job/progress", lambda v: v[0] == job and 0 < v[1] < 1)
    client.call("/sda/job/cancel", job)
    with pytest.raises(JobCancelled):
        client.wait_for_job(job)
    assert np.array_equal(codes_of(client, grid), before)


def test_what_is_drawn_for_a_place_that_was_edited_meanwhile_is_left(client: Client, grid: str):
    (job,) = client.call("/sda/prior/infill", grid, 0, 3, 0, 188, "tries", 24)
    client.call("/sda/grid/set", grid, 0, 50, 3)
    with pytest.raises(StateError, match="edited at that place meanwhile"):
        client.wait_for_job(job)
    assert codes_of(client, grid)[0, 50] == 3


def test_a_take_can_be_played_from_its_first_columns_on(client: Client, grid: str):
    client.call("/sda/subscribe")
    client.call("/sda/grid/new", "early", "starter", 1)
    client.call("/sda/play/loop", "early")
    client.send("/sda/prior/sample", "early", "starter", 30.0)
    first = client.wait_for("/sda/grid/state", lambda v: v[0] == "early" and v[3] > 1)
    assert first[3] < 100
    client.wait_for("/sda/job/done", lambda v: v[1] == "/sda/prior/sample")
    assert client.call("/sda/grid/info", "early")[3] == 1406
    client.call("/sda/play/stop", "early")
    client.call("/sda/grid/close", "early")
    client.call("/sda/unsubscribe")


def test_a_daemon_that_is_killed_while_a_grid_goes_on_can_undo_it(new_daemon):
    running = new_daemon()
    with running.client() as client:
        client.job("/sda/prior/sample", "cut", "starter", 4.0, "seed", 7)
        before = codes_of(client, "cut")
        client.call("/sda/subscribe")
        client.call("/sda/prior/continue", "cut", 50, 30.0, "phrase", 2)
        client.wait_for("/sda/grid/state", lambda v: v[0] == "cut" and v[3] == 58)
        running.process.kill()
        running.process.wait()
    with new_daemon().client() as client:
        after = codes_of(client, "cut")
        assert after.shape[1] >= 58
        assert np.array_equal(after[:, :50], before[:, :50])
        client.call("/sda/grid/undo", "cut")
        assert np.array_equal(codes_of(client, "cut"), before)
