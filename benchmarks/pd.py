"""How quickly the Pd window opens, refreshes and answers, alone and while much happens.

    python benchmarks/pd.py [--rounds 20]

A real Pd with ``sdaudio.pd`` talks to a daemon of this run; the display of the tests stands where
Pd's Tcl/Tk program stands, so the time that Tk takes to draw is not in the figures. Clicks pass a
relay that notes when they come. Inside the same Pd a second patch sends /sda/status every 20 ms
and notes how long the answer takes, and how late its clock is: more than Pd's audio buffer (25 ms)
would be heard as a gap.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from daemon import running_daemon

from sdaudio.starter.synthesis import write_sounds
from sdaudio_server.client import Client

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "patches"))

from osc_relay import Relay
from pd_display import PATCHES, Item, PdDisplay, Window

GRID_X, GRID_Y, SLOT, ROW, SLOTS, LEVELS = 182, 107, 16, 24, 64, 3
BLANK = "#202020"
# [timer] would tell Pd's own time; [realtime] tells that of the wall.
PROBE = """#N canvas 0 0 700 500 12;
#X obj 20 20 sda.client probe;
#X obj 20 100 loadbang;
#X obj 20 130 metro 20;
#X msg 20 160 /sda/status;
#X obj 20 190 s sda-probe-send;
#X obj 150 160 realtime;
#X obj 150 100 r sda-probe-in;
#X obj 150 130 route done;
#X obj 150 190 expr max($f1 \\, $f2);
#X obj 300 190 t f f;
#X obj 150 240 f;
#X obj 150 280 sda.label \\$0-trip;
#X obj 20 400 cnv 1 1 1 empty \\$0-trip trip 0 0 0 12 #ffffff #000000 0;
#X obj 400 100 metro 1;
#X obj 400 130 t b b;
#X obj 400 160 realtime;
#X obj 400 190 expr max($f1 - 1 \\, $f2);
#X obj 540 190 t f f;
#X obj 400 240 f;
#X obj 400 280 sda.label \\$0-late;
#X obj 20 440 cnv 1 1 1 empty \\$0-late late 0 0 0 12 #ffffff #000000 0;
#X obj 300 20 r probe-ask;
#X obj 400 20 r probe-reset;
#X msg 500 50 0;
#X obj 20 240 t b b;
#X obj 150 145 t b;
#X connect 1 0 2 0;
#X connect 1 0 13 0;
#X connect 2 0 24 0;
#X connect 24 0 3 0;
#X connect 24 1 5 0;
#X connect 3 0 4 0;
#X connect 6 0 7 0;
#X connect 7 0 25 0;
#X connect 25 0 5 1;
#X connect 5 0 8 0;
#X connect 8 0 9 0;
#X connect 9 0 10 1;
#X connect 9 1 8 1;
#X connect 10 0 11 0;
#X connect 13 0 14 0;
#X connect 14 0 15 0;
#X connect 14 1 15 1;
#X connect 15 0 16 0;
#X connect 16 0 17 0;
#X connect 17 0 18 1;
#X connect 17 1 16 1;
#X connect 18 0 19 0;
#X connect 21 0 10 0;
#X connect 21 0 18 0;
#X connect 22 0 23 0;
#X connect 23 0 8 1;
#X connect 23 0 16 1;
#X connect 23 0 10 1;
#X connect 23 0 18 1;
"""


def main() -> None:
    """Start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how often each thing is measured")
    parsed = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_daemon(Path(folder, "daemon")) as daemon,
    ):
        probe = Path(folder, "probe.pd")
        probe.write_text(PROBE)
        sounds = Path(folder, "sounds")
        write_sounds(sounds)
        _show("connected", [_opening(daemon.port, "connected to")[0] for _ in range(5)])
        openings = [_opening(daemon.port, "render to a file") for _ in range(5)]
        _show("whole window and its grid", [seconds for seconds, _ in openings])
        print(f"{'':34}{openings[0][1] / 1e6:8.2f} MB of Tcl")
        with Relay(daemon.port) as relay, _opened(relay.port, probe) as (pd, window):
            _wait_for_grid(pd, window)
            pd.wait(1.0)
            _show("a click reaches the server", _clicks(pd, window, relay, parsed.rounds))
            with Client(daemon.port) as client:
                _show("3 x 64 cells refreshed", _refreshes(pd, window, client, parsed.rounds))
                _load(pd, "idle", lambda: None)
                _load(pd, "full-grid updates, playheads", _updates(client))
                client.call("/sda/train/start", "bench", str(sounds), "minutes", 0.4)
                _load(pd, "and a training", _updates(client))


def _opening(port: int, text: str) -> tuple[float, int]:
    """Seconds from the start of Pd until a text is there and the grid is coloured."""
    started = time.perf_counter()
    with PdDisplay([PATCHES / "sdaudio.pd"], sends=[f"sda-connect 127.0.0.1 {port}"]) as pd:
        window = pd.window("sdaudio.pd")
        pd.until(lambda: window.has(text), text)
        if text != "connected to":
            _wait_for_grid(pd, window)
        return time.perf_counter() - started, pd.n_bytes


@contextmanager
def _opened(port: int, probe: Path) -> Iterator[tuple[PdDisplay, Window]]:
    sends = [f"sda-connect 127.0.0.1 {port}"]
    with PdDisplay([PATCHES / "sdaudio.pd", probe], sends=sends) as pd:
        yield pd, pd.window("sdaudio.pd")


def _cells(window: Window) -> list[Item]:
    """What is on top in the cells of the upper track, row by row."""
    places = [
        (GRID_X + SLOT * column + 8, GRID_Y + ROW * level + 12)
        for level in range(LEVELS)
        for column in range(SLOTS)
    ]
    near = [
        item
        for item in window.items
        if item.kind == "rectangle" and item.fill and GRID_Y - 1 <= item.coords[1] < GRID_Y + 80
    ]
    return [[item for item in near if item.holds(x, y)][-1] for x, y in places]


def _wait_for_grid(pd: PdDisplay, window: Window) -> None:
    pd.until(lambda: window.has("render to a file"), "draws all its parts")
    corners = [(GRID_X + 8, GRID_Y + 60), (GRID_X + SLOT * SLOTS - 8, GRID_Y + 60)]
    pd.until(
        lambda: not {BLANK, ""} & {window.colour_at(*corner) for corner in corners},
        "shows the grid",
    )


def _clicks(pd: PdDisplay, window: Window, relay: Relay, rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        before = len(relay.commands("/sda/play/code"))
        x = GRID_X + 8 + SLOT * random.randrange(SLOTS)
        started = time.perf_counter()
        pd.press(window, x, GRID_Y + 12)
        pd.until(lambda n=before: len(relay.commands("/sda/play/code")) > n, "is heard")
        taken.append(next(e.at for e in reversed(relay.sent) if e.address == "/sda/play/code"))
        taken[-1] -= started
        pd.release(window, x, GRID_Y + 12)
        pd.wait(0.1)
    return taken


def _refreshes(pd: PdDisplay, window: Window, client: Client, rounds: int) -> list[float]:
    """Seconds from an edit of all cells until the last one has its colour."""
    taken = []
    cells = _cells(window)
    for number in range(rounds):
        code = 10 + 100 * (number % 2)
        started = time.perf_counter()
        client.send("/sda/grid/fill", "starter", 0, LEVELS, 0, SLOTS, code)
        pd.until(
            lambda: len({cell.fill for cell in cells}) <= LEVELS,
            "all cells of a level have one colour",
        )
        taken.append(time.perf_counter() - started)
        client.call("/sda/grid/randomise", "starter", 0, LEVELS, 0, SLOTS)
        pd.wait(0.4)
    return taken


def _updates(client: Client) -> Callable[[], None]:
    client.call("/sda/play/loop", "starter")

    def update() -> None:
        client.send("/sda/grid/randomise", "starter", 0, LEVELS, 0, SLOTS)

    return update


def _load(pd: PdDisplay, title: str, update: Callable[[], None]) -> None:
    """Print the longest round trip and the greatest lateness in Pd while something goes on."""
    window = pd.window("probe.pd")
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(0.1):
            update()

    thread = threading.Thread(target=go_on)
    thread.start()
    trips, lates = [], []
    for _ in range(10):
        pd.tell("probe-reset bang")
        pd.wait(1.0)
        pd.tell("probe-ask bang")
        pd.wait(0.1)
        numbers = [text for text in window.texts().values() if _is_number(text)]
        lates.append(float(numbers[-1]) / 1e3)
        trips.append(float(numbers[-2]) / 1e3)
    ended.set()
    thread.join()
    _show(f"{title}: longest round trip", trips)
    _show(f"{title}: Pd late by", lates)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("e-", "", 1).lstrip("-").isdigit()


def _show(title: str, seconds: list[float]) -> None:
    milliseconds = np.array(seconds) * 1e3
    print(
        f"{title:46} median {np.median(milliseconds):7.1f}   greatest {milliseconds.max():7.1f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
