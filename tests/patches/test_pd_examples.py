"""The examples: opened and played as a person would."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pd_display import PATCHES, PdDisplay, Window

from sdaudio_server.client import Client


@contextmanager
def opened(name: str, port: int, *sends: str) -> Iterator[tuple[PdDisplay, Window]]:
    """Open an example, connected, without its folder's parts in the search path."""
    with PdDisplay(
        [PATCHES / "examples" / f"{name}.pd"],
        sends=[f"sda-connect 127.0.0.1 {port}", *sends],
        finds_parts=False,
    ) as pd:
        window = pd.window(f"{name}.pd")
        pd.until(lambda: window.has("connected to sdaudio"), "connects")
        pd.wait(0.2)
        yield pd, window
    assert pd.problems == ""


def playing(client: Client) -> set[str]:
    """The grids that are heard."""
    client.events.clear()
    client.call("/sda/state/get", "/sda/state/grid/*/playing")
    values = {address.split("/")[4].replace("~", " "): v[0] for address, v in client.events}
    return {grid for grid, value in values.items() if value}


def codes(client: Client, grid: str) -> tuple[object, ...]:
    return client.call("/sda/grid/get", grid, 0)[3:]


def test_the_sequencer_goes_round_and_takes_other_steps(new_daemon):
    with opened("step-sequencer", new_daemon().port, "pd dsp 1") as (pd, window):

        def step() -> float:
            """Where the button of the step is, the black square."""
            squares = [
                item.coords[0]
                for item in window.items
                if item.fill == "#000000" and item.coords[2:] == [c + 12 for c in item.coords[:2]]
            ]
            return squares[0] if squares else -1.0

        def drawn() -> list[list[float]]:
            return [item.coords for item in window.tagged("array")]

        pd.click_text(window, "play")
        seen: set[float] = set()
        pd.until(lambda: seen.add(step()) or len(seen - {-1.0}) == 16, "all steps were on")
        pd.click_text(window, "stop")
        pd.wait(0.3)
        last = step()
        pd.wait(0.3)
        assert step() == last
        before = drawn()
        pd.click_text(window, "by chance")
        pd.until(lambda: drawn() != before, "other steps")


def test_keys_play_the_chosen_level(new_daemon):
    with opened("keyboard", new_daemon().port, "pd dsp 1") as (pd, window):
        pd.type(window, "a")
        pd.until(lambda: window.has("level 0 pitch 8 velocity"), "plays the darkest")
        pd.click_text(window, "Detail")
        pd.type(window, "k")
        pd.until(lambda: window.has("level 2 pitch 118 velocity 0"), "plays and lets go")


def test_a_morph_goes_from_one_take_to_the_other_and_back(new_daemon):
    daemon = new_daemon()
    with daemon.client() as client, opened("morph", daemon.port) as (pd, window):
        pd.click_text(window, "two takes")
        pd.until(lambda: window.has("morph a"), "the upper track shows one")
        pd.until(lambda: window.has("morph b"), "the lower track shows the other")
        client.call("/sda/subscribe")
        pd.until(lambda: client.call("/sda/job/list") == (0,), "both are whole", timeout_s=20)
        own, other = codes(client, "morph a"), codes(client, "morph b")
        y = window.place_of("to and fro")[1]
        pd.click(window, 453, y)
        pd.until(lambda: codes(client, "morph a")[:180] == other[:180], "the other's codes")
        pd.click_text(window, "back")
        pd.until(lambda: codes(client, "morph a") == own, "its own again")
        pd.click_text(window, "to and fro")
        heard = {own}
        pd.until(lambda: heard.add(codes(client, "morph a")) or len(heard) > 5, "it moves")
        pd.click_text(window, "to and fro")
        pd.click_text(window, "keep")
        pd.until(lambda: client.call("/sda/blend/list", "morph a") == (0,), "it is kept")


def test_the_installation_goes_on_also_when_the_daemon_was_started_again(new_daemon):
    daemon = new_daemon()
    with opened("installation", daemon.port) as (pd, window):

        def takes() -> set[str]:
            return {t for t in window.texts().values() if t.startswith("a new take - seed")}

        pd.click_text(window, "start")
        pd.until(takes, "the first take", timeout_s=30)
        first = takes()
        with daemon.client() as client:
            pd.until(lambda: playing(client) == {"installation b"}, "it is heard")
            pd.tell("installation 1")
            pd.until(lambda: takes() != first, "the next", timeout_s=30)
            pd.until(lambda: playing(client) == {"installation a"}, "it takes over")
        second = takes()
        daemon.process.kill()
        daemon.process.wait()
        pd.until(lambda: window.has("no answer"), "the daemon is gone")
        again = new_daemon("--port", str(daemon.port))
        pd.until(lambda: takes() != second, "a take of the new daemon", timeout_s=30)
        with again.client() as client:
            pd.until(lambda: playing(client), "it is heard")


@pytest.mark.parametrize("name", sorted(p.stem for p in (PATCHES / "examples").glob("*.pd")))
def test_it_says_what_it_is(name: str, daemon):
    with opened(name, daemon.port) as (_, window):
        assert window.has(name.replace("-", " "))
