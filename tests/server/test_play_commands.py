"""/sda/play over UDP: what is asked for is heard, at the speakers of a real sound server."""

import time

import numpy as np
import pytest
from jack_server import wait_for

from sdaudio.errors import DeviceError, UsageError
from sdaudio.modelfile import read_model
from sdaudio.render import Renderer
from sdaudio.resources import starter_model
from sdaudio_server.client import Client
from sdaudio_server.scheduling import unix_to_ntp
from sdaudio_server.wire import Bundle, Message, encode

LENGTH = 1024
COLUMNS = 16


@pytest.fixture
def band(new_daemon, jack_server, tmp_path):
    """A daemon that plays to a sound server that listens, and a client of it."""
    config = tmp_path / "sdaudio.yaml"
    config.write_text("playback: {device: system, search_s: 0.2, lead_ms: 200}\n")
    running = new_daemon(environment={"SDAUDIO_CONFIG": str(config)})
    jack_server.listen()
    with running.client() as client:
        yield client, jack_server


def new_grid(client: Client, name: str, seed: int) -> np.ndarray:
    """Open a grid of the test's own and return its codes."""
    codes = np.random.default_rng(seed).integers(0, 64, (3, COLUMNS))
    client.call("/sda/grid/new", name, "starter", COLUMNS)
    for level, row in enumerate(codes):
        client.call("/sda/grid/set", name, level, 0, *map(int, row))
    return codes


def rendered(codes: np.ndarray, **options) -> np.ndarray:
    return Renderer(read_model(starter_model())).decode(codes, **options)


def begins_at(heard: np.ndarray, sound: np.ndarray) -> int | None:
    """Where a sound begins in what was heard, sample by sample."""
    for i in np.flatnonzero(heard == sound[0]):
        if np.array_equal(heard[i : i + len(sound)], sound):
            return int(i)
    return None


def silence(client: Client, server) -> None:
    """End everything and wait until nothing is heard."""
    client.call("/sda/play/silence")
    begin = len(server.heard)
    wait_for(lambda: len(server.heard) > begin + 8192, "the end of the fades")
    assert not server.heard[-4096:].any()


def send_dated(client: Client, time_s: float, *messages: tuple[object, ...]) -> None:
    elements = tuple(Message(address, tuple(rest)) for address, *rest in messages)
    client.send_packet(encode(Bundle(unix_to_ntp(time_s), elements)))


def test_dated_bundles_start_grids_together_and_exactly_apart(band):
    client, server = band
    one, two = (rendered(new_grid(client, name, seed)) for seed, name in enumerate(("one", "two")))
    for name in ("one", "two"):
        client.call("/sda/play/grid", name)
    apart = []
    # a dummy server loses time on a busy machine; how exact it is otherwise: test_playback_clock
    for _ in range(3):
        silence(client, server)
        now = time.time()
        send_dated(client, now + 0.2, ("/sda/play/grid", "one"), ("/sda/play/grid", "two"))
        send_dated(client, now + 0.7, ("/sda/play/grid", "one"))
        begin = len(server.heard)
        wait_for(lambda start=begin: len(server.heard) - start > 1.6 * 48_000, "both bundles")
        heard = server.heard[begin:]
        first, second = begins_at(heard, one + two), begins_at(heard, one)
        assert first is not None
        assert second is not None
        apart.append(second - first)
        if abs(apart[-1] - 24_000) < 480:
            break
    else:
        pytest.fail(f"not half a second apart, but {apart} samples")


def test_a_dated_stop_ends_what_a_dated_start_began(band):
    client, server = band
    sound = rendered(new_grid(client, "one", 3))
    client.call("/sda/play/grid", "one")
    silence(client, server)
    now = time.time()
    send_dated(client, now + 0.1, ("/sda/play/loop", "one"))
    send_dated(client, now + 0.2, ("/sda/play/stop", "one"))
    begin = len(server.heard)
    wait_for(lambda: len(server.heard) - begin > 0.8 * 48_000, "the start and the stop")
    sounding = np.flatnonzero(server.heard[begin:])
    assert abs(sounding[-1] - sounding[0] - 4800) < 480 + 240
    assert begins_at(server.heard[begin:], sound[:4000]) is not None


def test_a_level_loops_alone_beside_its_grid_and_follows_edits(band):
    client, server = band
    codes = new_grid(client, "one", 4)
    client.call("/sda/subscribe")
    assert client.call("/sda/play/row", "one", 1, "loop", 1) == (COLUMNS * LENGTH,)
    client.wait_for("/sda/play/row/state", lambda v: v == ("one", 1, 1))
    alone = rendered(codes, active=(1,))
    wait_for(lambda: begins_at(server.heard, alone) is not None, "the level alone")
    codes[1, 5] = (codes[1, 5] + 1) % 64
    client.call("/sda/grid/set", "one", 1, 5, int(codes[1, 5]))
    edited = rendered(codes, active=(1,))
    wait_for(lambda: begins_at(server.heard, edited) is not None, "the edited level")
    client.call("/sda/play/stop", "one", 0.0, 1)
    client.wait_for("/sda/play/row/state", lambda v: v == ("one", 1, 0))
    client.call("/sda/play/loop", "one")
    whole = rendered(codes)
    wait_for(lambda: begins_at(server.heard, whole) is not None, "the grid")


def test_the_gain_of_a_grid_is_its_own(band):
    client, server = band
    sound = rendered(new_grid(client, "one", 5))
    assert client.call("/sda/grid/gain", "one", -6.0) == ("one", -6.0)
    client.call("/sda/play/loop", "one")
    factor = np.float32(10 ** (-6.0 / 20.0))
    wait_for(lambda: begins_at(server.heard, sound * factor) is not None, "the grid, softer")


def test_a_device_can_be_listed_chosen_and_refused(band):
    client, server = band
    sound = rendered(new_grid(client, "one", 6))
    client.call("/sda/play/loop", "one")
    (n_devices,) = client.call("/sda/play/devices")
    items = [client.wait_for("/sda/play/device/item") for _ in range(int(n_devices))]
    assert ("system", 1) in [item[1:] for item in items]
    with pytest.raises(DeviceError, match="'nowhere' cannot be opened"):
        client.call("/sda/play/device", "nowhere")
    assert client.call("/sda/play/device") == ("system", 48_000, 1, "")
    assert client.call("/sda/play/device", "sys")[0] == "system"
    server.listen()
    wait_for(lambda: begins_at(server.heard, sound) is not None, "the loop on its new device")


def test_blocks_that_came_too_late_are_counted(client: Client):
    (blocks,) = client.call("/sda/play/missed")
    assert blocks >= 0


def test_a_scrub_sounds_while_it_is_held_and_is_a_playhead(client: Client, grid: str):
    client.call("/sda/subscribe")
    for column in (3.0, 3.5, 4.25):
        assert client.call("/sda/play/scrub", grid, column, 0.4) == (grid, column)
    assert client.wait_for("/sda/play/head", lambda v: v[0] == grid)[1:] in ((4, 0.25), (3, 0.0))
    client.wait_for("/sda/play/state", lambda v: v == (grid, 0))
    with pytest.raises(UsageError, match="47"):
        client.call("/sda/play/scrub", grid, 47.0)
    client.call("/sda/unsubscribe")


def test_speed_and_tempo_are_told_and_kept_within_reason(client: Client, grid: str):
    client.call("/sda/subscribe")
    assert client.call("/sda/play/speed", grid, 0.5) == (grid, 0.5)
    assert client.wait_for("/sda/play/mix") == (grid, 0.0, 0.5)
    assert client.call("/sda/play/tempo", 120.0) == (120.0, 24.0, 1.0)
    assert client.call("/sda/play/tempo", 90.0, 12.0, 4.0) == (90.0, 12.0, 4.0)
    with pytest.raises(UsageError, match=r"0\.25 to 4"):
        client.call("/sda/play/loop", grid)
    client.call("/sda/play/speed", grid, 1.0)
    with pytest.raises(UsageError, match=r"0\.25 to 4"):
        client.call("/sda/play/speed", grid, 0.3)
    assert client.call("/sda/play/tempo", 0.0) == (0.0, 12.0, 4.0)
    client.call("/sda/unsubscribe")


def test_a_moved_loop_goes_on_in_phase(client: Client, grid: str):
    client.call("/sda/play/loop", grid, 0, 20)
    client.call("/sda/subscribe")
    before = client.wait_for("/sda/play/head", lambda v: v[0] == grid and 4 < v[1] < 10)
    client.call("/sda/play/loop", grid, "start", 20, "columns", 20, "in_phase", 1)
    client.events.clear()
    after = client.wait_for("/sda/play/head", lambda v: v[0] == grid)
    # as far behind the new start as it was behind the old one, and some ticks later
    assert 0 <= (after[1] - 20 - before[1]) % 20 < 10
    client.call("/sda/play/stop", grid)
    client.call("/sda/unsubscribe")


def test_playheads_come_as_often_as_they_are_asked_for(client: Client, grid: str):
    client.call("/sda/play/loop", grid)
    assert client.call("/sda/play/heads", 0.0) == (0.0,)
    client.call("/sda/subscribe")
    client.events.clear()
    client.call("/sda/hello")
    time.sleep(0.3)
    client.call("/sda/hello")
    assert not [event for event in client.events if event[0] == "/sda/play/head"]
    client.call("/sda/play/heads", 60.0)
    client.wait_for("/sda/play/head", lambda v: v[0] == grid)
    client.call("/sda/play/heads", 20.0)
    client.call("/sda/play/stop", grid)
    client.call("/sda/unsubscribe")


def test_a_code_that_was_not_clicked_yet_is_ready_after_its_neighbour(client: Client):
    client.call("/sda/play/code", "starter", 2, 20)

    # the first of the others are rendered in a few milliseconds each
    def is_quick() -> bool:
        began = time.perf_counter()
        client.call("/sda/play/code", "starter", 2, 21)
        return time.perf_counter() - began < 0.004

    wait_for(is_quick, "a code that was rendered ahead")
