"""The panels of sdaudio.pd used as a person uses them, and what the daemon gets of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from osc_relay import Relay
from pd_display import PATCHES, PdDisplay, Window
from pythonosc.osc_message import OscMessage

from sdaudio_server.client import build_message

CELL, RULER, NAME = (190, 119), (190, 97), (65, 76)


@contextmanager
def opened(port: int) -> Iterator[tuple[PdDisplay, Window]]:
    with PdDisplay([PATCHES / "sdaudio.pd"], sends=[f"sda-connect 127.0.0.1 {port}"]) as pd:
        yield pd, pd.window("sdaudio.pd")
    assert pd.problems == ""


@pytest.fixture
def relay(spare_daemon) -> Iterator[Relay]:
    with Relay(spare_daemon.port) as between:
        yield between


@pytest.fixture
def panels(relay: Relay) -> Iterator[tuple[PdDisplay, Window]]:
    """The window, with the model and a grid of the daemon chosen."""
    with opened(relay.port) as (pd, window):
        pd.until(lambda: window.has("starter: 3 levels"), "shows a grid")
        pd.until(lambda: window.has("starter - 3x128"), "lists the model")
        pd.click_text(window, "starter - 3x128 loaded prior")
        pd.until(lambda: window.has("starter has a prior"), "knows of its prior")
        yield pd, window


def test_a_model_is_trained_from_a_folder(
    panels: tuple[PdDisplay, Window], relay: Relay, sound_folder: Path
):
    pd, window = panels
    pd.click_text(window, "start")
    pd.until(lambda: window.has("choose a"), "says what is missing")
    assert relay.commands("/sda/train/start") == []

    pd.chosen = sound_folder
    pd.click_text(window, "folder ...")
    pd.until(lambda: window.has(sound_folder.name), "shows the folder")
    x, y = window.place_of("minutes")
    pd.click(window, x + 70, y)
    pd.type(window, "0.1\n")
    pd.click_text(window, "check")
    pd.until(lambda: window.has("8 of 8 sounds"), "reports on the folder", timeout_s=30)

    # only what its name says is left of the field's old text
    pd.click(window, *[a + b for a, b in zip(window.place_of("name"), (50, 0), strict=True)])
    pd.type(window, "\b" * 40 + "kitchen\n")
    pd.click_text(window, "start")
    pd.until(lambda: relay.commands("/sda/train/start"), "the training is started")
    name, folder, *options = relay.commands("/sda/train/start")[0]
    assert (name, folder) == ("kitchen", str(sound_folder))
    assert options[:3] == ["minutes", pytest.approx(0.1), "levels"]
    pd.until(lambda: window.has("kitchen - 3x"), "the library has it", timeout_s=60)
    pd.until(lambda: window.has("% used - perplexity"), "its levels are told", timeout_s=60)
    pd.until(lambda: _has_ended(relay), "the training ends", timeout_s=60)


def test_a_stopped_training_is_told(
    panels: tuple[PdDisplay, Window], relay: Relay, sound_folder: Path
):
    pd, window = panels
    pd.chosen = sound_folder
    pd.click_text(window, "folder ...")
    pd.until(lambda: window.has(sound_folder.name), "shows the folder")
    pd.click(window, *[a + b for a, b in zip(window.place_of("name"), (50, 0), strict=True)])
    pd.type(window, "\b" * 40 + "stopped\n")
    pd.click_text(window, "start")
    pd.until(lambda: window.has("can be played - step"), "a first snapshot", timeout_s=60)
    pd.click_text(window, "stop", nth=2)
    pd.until(relay.has("/sda/train/stop", "stopped"), "the stop is sent")
    pd.until(lambda: _has_ended(relay), "it ends", timeout_s=60)


def _has_ended(relay: Relay) -> bool:
    return any(
        each.address == "/sda/job/done" and "/sda/train/start" in each.arguments
        for each in relay.answered
    )


def test_a_region_is_filled_varied_and_gone_on_from(panels: tuple[PdDisplay, Window], relay: Relay):
    pd, window = panels
    pd.click_text(window, "infill")
    pd.until(lambda: window.has("select a region first: drag across cells"), "says what to do")
    pd.drag(window, CELL, (CELL[0] + 7 * 16, CELL[1] + 24))
    pd.until(lambda: relay.commands("/sda/play/code"), "the first cell is heard")
    pd.wait(0.5)
    for command, arguments in (
        ("infill", ("starter", 0, 2, 0, 8)),
        ("vary", ("starter", 0, 2, 0, 8, pytest.approx(0.3))),
        ("continue", ("starter", 8, 10)),
    ):
        pd.click_text(window, command)
        pd.until(lambda c=command: relay.commands(f"/sda/prior/{c}"), f"{command} is sent")
        sent = relay.commands(f"/sda/prior/{command}")[-1]
        assert sent[: len(arguments)] == arguments
        assert "temperature" in sent[len(arguments) :]
        # a job, but for vary
        done = "/sda/done" if command == "vary" else "/sda/job/done"
        pd.until(
            lambda d=done, c=command: any(
                e.address == d and f"/sda/prior/{c}" in e.arguments for e in relay.answered
            ),
            f"{command} ends",
            timeout_s=30,
        )


def test_sliders_say_what_they_set_and_the_daemon_hears_it(
    panels: tuple[PdDisplay, Window], relay: Relay
):
    pd, window = panels
    x, y = window.place_of("temperature")
    pd.click(window, x + 116 + 114, y)
    pd.until(lambda: window.has("1.9"), "the value stands beside it")
    pd.click_text(window, "sample")
    pd.until(lambda: relay.commands("/sda/prior/sample"), "a take is asked for")
    sent = relay.commands("/sda/prior/sample")[-1]
    assert sent[:3] == ("take 1", "starter", 10)
    assert sent[sent.index("temperature") + 1] > 1.8
    pd.click_text(window, "cancel", nth=1)
    pd.until(lambda: relay.commands("/sda/job/cancel"), "and cancelled")
    x, y = window.place_of("level", nth=0)
    pd.click(window, x + 120, y)
    pd.until(lambda: relay.commands("/sda/play/gain"), "the level is set")
    pd.click_text(window, "silence")
    pd.until(lambda: relay.commands("/sda/play/silence"), "all is silent")


def test_a_take_never_has_the_name_of_a_grid_that_is_open(
    panels: tuple[PdDisplay, Window], relay: Relay, spare_daemon
):
    pd, window = panels
    with spare_daemon.client() as client:
        client.call("/sda/grid/new", "mine 1", "starter", 8)
        pd.wait(0.3)
        x, y = window.place_of("take")
        pd.click(window, x + 60, y)
        pd.type(window, "\b" * 10 + "mine\n")
        pd.click_text(window, "sample")
        pd.until(lambda: relay.commands("/sda/prior/sample"), "a take is asked for")
        assert relay.commands("/sda/prior/sample")[-1][0] == "mine 2"
        assert client.call("/sda/grid/info", "mine 1")[3] == 8


def test_the_sound_is_rendered_compared_and_heard_where_it_is_pressed(
    panels: tuple[PdDisplay, Window], relay: Relay
):
    pd, window = panels
    pd.click(window, *CELL)
    pd.until(lambda: relay.commands("/sda/play/code"), "a code is heard")
    assert relay.commands("/sda/play/code")[-1][:2] == ("starter", 0)
    pd.click(window, RULER[0] + 5 * 16, RULER[1])
    pd.until(relay.has("/sda/play/column", "starter", 5), "a moment is heard")
    pd.click_text(window, ">", nth=1)
    pd.until(lambda: relay.commands("/sda/play/row"), "a row is heard")
    pd.click_text(window, "M", nth=0)
    pd.until(relay.has("/sda/grid/mute", "starter", 0, 1), "a level is muted")
    pd.wait(0.2)
    pd.click_text(window, "M", nth=0)
    pd.until(relay.has("/sda/grid/mute", "starter", 0, 0), "and heard again")
    pd.click_text(window, "render to a file")
    pd.until(lambda: window.has(".wav"), "where the file is")
    pd.click_text(window, "original")
    pd.until(relay.has("/sda/play/compare", "starter", 1), "the original is asked for")
    pd.until(lambda: window.has("starter"), "what is missing is told")


def test_the_library_finds_models(panels: tuple[PdDisplay, Window], relay: Relay):
    pd, window = panels
    x, y = window.place_of("search")
    pd.click(window, x + 80, y)
    pd.type(window, "pluck\n")
    pd.until(relay.has("/sda/model/search", "pluck"), "a search")
    pd.until(lambda: window.has("starter - 3x128 loaded prior"), "found by a sound's name")
    pd.click(window, x + 80, y)
    pd.type(window, "\b" * 8 + "nothing like it\n")
    pd.until(lambda: window.has("0 models"), "nothing is found")


@pytest.mark.parametrize(
    ("protocol", "advice"),
    [
        (0, "It is older than these patches: update sdaudio."),
        (2, "It is newer than these patches: sdaudio patches --copy-to pd"),
    ],
)
def test_a_daemon_of_another_version_is_said_plainly(protocol: int, advice: str):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(0.2)
        is_over = threading.Event()

        def answer() -> None:
            while not is_over.is_set():
                try:
                    packet, client = peer.recvfrom(65536)
                except TimeoutError:
                    continue
                address = OscMessage(packet).address
                if address == "/sda/hello":
                    hello = [address, "sdaudio", "9.9.9", protocol, 5630, 0]
                    peer.sendto(build_message("/sda/done", hello), client)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with opened(peer.getsockname()[1]) as (pd, window):
                pd.until(lambda: window.has(advice), "what is the matter")
                assert window.has("sdaudio 9.9.9")
        finally:
            is_over.set()
            thread.join()


def test_several_windows_in_one_pd_do_not_disturb_each_other(daemon, spare_daemon, tmp_path: Path):
    # each speaks to its own daemon
    copy = tmp_path / "second.pd"
    copy.write_text((PATCHES / "sdaudio.pd").read_text())
    with (
        spare_daemon.client() as client,
        PdDisplay([PATCHES / "sdaudio.pd", copy]) as pd,
    ):
        client.call("/sda/grid/new", "only here", "starter", 8)
        windows = [pd.window("sdaudio.pd"), pd.window("second.pd")]
        for window, running in zip(windows, (daemon, spare_daemon), strict=True):
            pd.until(lambda w=window: w.has("127.0.0.1 5630"), "is drawn")
            x, y = window.place_of("127.0.0.1 5630")
            pd.click(window, x + 30, y)
            pd.type(window, "\b" * 20 + f"127.0.0.1 {running.port}\n")
        for window in windows:
            pd.until(lambda w=window: w.has("starter: 3 levels"), "shows its grid")
        first, second = windows
        x, y = second.place_of("<")
        for _ in range(20):
            name = second.text_near(*NAME)
            if name == "only here":
                break
            pd.click(second, x + 23, y)
            pd.until(lambda before=name: second.text_near(*NAME) != before, "turns to another")
        assert second.has("only here")
        assert not first.has("only here")
        client.call("/sda/grid/close", "only here")
    assert pd.problems == ""


def test_a_daemon_that_wants_a_token_says_so_and_is_told_it(closed_daemon, tmp_path: Path):
    patch = tmp_path / "own.pd"
    patch.write_text(
        "#N canvas 0 0 600 200 12;\n#X obj 20 20 r test-in;\n#X obj 20 60 sda.client mine;\n"
        "#X connect 0 0 1 0;\n"
    )
    with PdDisplay([patch], sends=[f"sda-connect 127.0.0.1 {closed_daemon.port}"]) as pd:
        window = pd.window("own.pd")
        pd.until(lambda: window.has("does it want a token?"), "says what may be wanted")
        assert not window.has("connected to")
        pd.tell("test-in token wrong")
        pd.wait(0.5)
        assert not window.has("connected to")
        pd.tell(f"test-in token {closed_daemon.token}")
        pd.until(lambda: window.has("connected to sdaudio"), "connects")
    assert pd.problems == ""


def test_sounds_are_added_and_a_training_is_resumed(
    panels: tuple[PdDisplay, Window], relay: Relay, sound_folder: Path
):
    pd, window = panels
    pd.click_text(window, "add to chosen")
    pd.until(lambda: window.has("choose a folder first"), "says what is missing")
    pd.chosen = sound_folder
    pd.click_text(window, "folder ...")
    pd.until(lambda: window.has(sound_folder.name), "shows the folder")
    pd.click_text(window, "best")
    pd.click_text(window, "add to chosen")
    pd.until(lambda: relay.commands("/sda/train/add"), "the sounds are added")
    assert relay.commands("/sda/train/add")[0] == ("starter", str(sound_folder), "preset", "best")
    pd.click_text(window, "resume")
    pd.until(lambda: relay.commands("/sda/train/resume"), "the training goes on")
    assert relay.commands("/sda/train/resume")[0] == ("starter", "preset", "best")


def test_a_model_is_renamed(panels: tuple[PdDisplay, Window], relay: Relay, spare_daemon):
    pd, window = panels
    with spare_daemon.client() as client:
        client.call("/sda/model/copy", "starter", "old name")
    pd.until(lambda: window.has("old name - 3x128 prior"), "the copy is listed")
    pd.click_text(window, "old name - 3x128 prior")
    pd.until(lambda: window.has("old name has a prior"), "it is chosen")
    x, y = window.place_of("name", nth=2)
    pd.click(window, x + 60, y)
    pd.type(window, "\b" * 12 + "new name\n")
    pd.until(relay.has("/sda/model/rename", "old name", "new name"), "it is renamed")
    pd.until(lambda: window.has("new name - 3x128"), "the list shows it")
    with spare_daemon.client() as client:
        client.call("/sda/model/delete", "new name")
