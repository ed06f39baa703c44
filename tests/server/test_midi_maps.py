"""Maps: what may be written in them, what is refused, and what hands on controls mean."""

from pathlib import Path

import pytest

from sdaudio.errors import FileError, UsageError
from sdaudio_server.commands import all_commands
from sdaudio_server.midi import Event, read_map
from sdaudio_server.midi.hands import Hands, relative_steps
from sdaudio_server.midi.maps import Control, known_maps, map_path, read_control, record_of
from sdaudio_server.registry import Registry
from sdaudio_server.wire import Message

REGISTRY = Registry(all_commands())


def control(**record: object) -> Control:
    return read_control(record, REGISTRY, "here")


def gain(**more: object) -> Control:
    return control(on="cc 7", do="/sda/play/gain", arguments=["$value"], **more)


def cc(value: int, number: int = 7, channel: int = 1) -> Event:
    return Event("cc", channel, number, value)


def hands(value: float | None = None) -> Hands:
    return Hands(lambda _message: value)


def test_every_bundled_map_can_be_read():
    assert "keyboard" in known_maps()
    for name in known_maps():
        found = read_map(map_path(name), REGISTRY)
        assert found.about
        assert found.controls or found.keyboards or found.pads


def test_a_knob_covers_its_range_or_what_the_argument_allows():
    named = gain(range=[-60, 0])
    assert hands().message("a", named, cc(0)) == Message("/sda/play/gain", (-60.0,))
    assert hands().message("a", named, cc(127)) == Message("/sda/play/gain", (0.0,))
    assert hands().message("a", gain(), cc(127)) == Message("/sda/play/gain", (12.0,))
    turned = gain(range=[0, -60])
    assert hands().message("a", turned, cc(127)) == Message("/sda/play/gain", (-60.0,))


@pytest.mark.parametrize(
    ("curve", "middle"), [("linear", -30.0), ("square", -45.0), ("exponential", -55.449)]
)
def test_curves_keep_the_ends(curve: str, middle: float):
    made = gain(range=[-60, 0], curve=curve)
    assert made.value_at(0.0) == -60.0
    assert made.value_at(1.0) == pytest.approx(0.0)
    assert made.value_at(0.5) == pytest.approx(middle, abs=0.01)
    for value in (-60.0, -31.5, 0.0):
        assert made.value_at(made.position_of(value)) == pytest.approx(value)


def test_whole_numbers_and_switches_are_rounded():
    made = control(on="cc 1", do="/sda/grid/set", arguments=["one", 0, 5, "$value"], range=[0, 127])
    message = hands().message("a", made, cc(64, 1))
    assert message == Message("/sda/grid/set", ("one", 0, 5, 64))
    assert type(message.arguments[3]) is int
    mute = control(on="cc 1", do="/sda/grid/mute", arguments=["one", 0, "$value"])
    assert hands().message("a", mute, cc(127, 1)).arguments == ("one", 0, 1)
    assert hands().message("a", mute, cc(20, 1)).arguments == ("one", 0, 0)


def test_options_by_name_and_what_was_played():
    made = control(
        on="note 36-51", do="/sda/play/code", arguments=["kitchen", 0, "$index", "columns", 8]
    )
    assert made.hears(Event("note-on", 3, 40, 90))
    assert not made.hears(Event("note-on", 3, 52, 90))
    message = hands().message("a", made, Event("note-on", 3, 40, 90))
    assert message == Message("/sda/play/code", ("kitchen", 0, 4, "columns", 8))
    assert hands().message("a", made, Event("note-off", 3, 40)) is None


def test_keys_may_act_when_they_are_let_go_or_both_times():
    mute = {"do": "/sda/grid/mute", "arguments": ["one", 0, "$value"], "range": [0, 1]}
    both = control(on="note 36", when="both", **mute)
    assert hands().message("a", both, Event("note-on", 1, 36, 127)).arguments[2] == 1
    assert hands().message("a", both, Event("note-off", 1, 36)).arguments[2] == 0
    release = control(on="note 36", when="release", **mute)
    assert hands().message("a", release, Event("note-on", 1, 36, 127)) is None
    assert hands().message("a", release, Event("note-off", 1, 36)) is not None


def test_a_channel_is_heeded():
    assert gain(channel=2).hears(cc(1, channel=2))
    assert not gain(channel=2).hears(cc(1, channel=1))
    assert gain().hears(cc(1, channel=9))


def test_a_bend_goes_from_end_to_end():
    made = control(on="bend", do="/sda/play/gain", arguments=["$value"], range=[-12, 12])
    assert hands().message("a", made, Event("bend", 1, 0, -8192)).arguments == (-12.0,)
    assert hands().message("a", made, Event("bend", 1, 0, 0)).arguments[0] == pytest.approx(
        0.0, abs=0.01
    )
    assert hands().message("a", made, Event("bend", 1, 0, 8191)).arguments == (12.0,)


@pytest.mark.parametrize(
    ("mode", "up", "down"),
    [("twos-complement", 3, 125), ("offset-64", 67, 61), ("sign-bit", 3, 67)],
)
def test_endless_knobs_go_on_from_where_the_value_is(mode: str, up: int, down: int):
    assert relative_steps(up, mode) == 3
    assert relative_steps(down, mode) == -3
    made = gain(mode=mode, range=[-60, 0], step=0.1)
    assert hands(-30.0).message("a", made, cc(up)).arguments == (pytest.approx(-12.0),)
    assert hands(-30.0).message("a", made, cc(down)).arguments == (pytest.approx(-48.0),)
    # nobody knows the value: from the middle, and on
    blind = hands()
    assert blind.message("a", made, cc(up)).arguments == (pytest.approx(-12.0),)
    assert blind.message("a", made, cc(up)).arguments == (pytest.approx(0.0),)


def test_a_knob_that_picks_up_moves_nothing_before_it_is_there():
    made = gain(pickup=True, range=[-60, 0])
    value = -30.0
    known = Hands(lambda _message: value)
    assert known.message("a", made, cc(10)) is None
    assert known.message("a", made, cc(40)) is None
    message = known.message("a", made, cc(66))
    assert message is not None
    value = float(message.arguments[0])
    assert known.message("a", made, cc(90)) is not None
    # somebody else moves it far away
    value = -60.0
    assert known.message("a", made, cc(91)) is None


def test_two_controls_that_hear_the_same_are_found():
    assert gain().meets(gain(channel=3))
    assert not gain(channel=2).meets(gain(channel=3))
    wide = control(on="note 36-51", do="/sda/play/silence")
    assert wide.meets(control(on="note 40", do="/sda/play/silence"))
    assert not wide.meets(control(on="note 60", do="/sda/play/silence"))


def test_what_is_written_about_a_control_reads_back():
    made = gain(range=[-60, 0], channel=2, curve="square", mode="offset-64", pickup=True, step=0.5)
    again = read_control(record_of(made), REGISTRY, "here")
    assert (again.name, again.how, again.low, again.high) == (made.name, made.how, -60.0, 0.0)
    assert (again.address, again.arguments) == (made.address, made.arguments)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("controls: 3", "controls must be a list"),
        ("- a", "must hold keys with values"),
        ("contrls: []", "unknown key 'contrls'. Did you mean 'controls'"),
        ("inputs: [3]", "inputs must be names"),
        ("controls: [3]", "control 1 must hold keys"),
        ("controls: [{do: /sda/play/gain}]", "on is ''"),
        ("controls: [{on: cc 7}]", "do is missing"),
        ("controls: [{on: c 7, do: /sda/play/silence}]", "on is 'c 7'"),
        ("controls: [{on: cc 200, do: /sda/play/silence}]", "must be 0 to 127"),
        ("controls: [{on: note 50-40, do: /sda/play/silence}]", "the lower first"),
        ("controls: [{on: cc 7, do: /sda/play/gian}]", "Did you mean '/sda/play/gain'"),
        ("controls: [{on: cc 7, do: /sda/play/gain, arguments: [$valu]}]", r"'\$valu' stands for"),
        ("controls: [{on: cc 7, do: /sda/play/gain, arguments: [$value], range: [1]}]", "range is"),
        (
            "controls: [{on: cc 7, do: /sda/play/gain, arguments: [$value], range: [0, 99]}]",
            "'gain' is 99; allowed is -96 to 12",
        ),
        ("controls: [{on: cc 7, do: /sda/grid/undo}]", "argument 1 'grid' is missing"),
        ("controls: [{on: cc 7, do: /sda/play/silence, mode: up}]", "mode is 'up'"),
        ("controls: [{on: cc 7, do: /sda/play/silence, channel: 17}]", "channel is 17"),
        ("keyboards: [{level: 4}]", "level is 4"),
        ("keyboards: [{low: 60, high: 40}]", "low must be the lower key"),
        ("dials: [1]", "dials must be names with values"),
        ("dials: {Temperature: 1}", "'Temperature' is no name of a dial"),
        ("dials: {value: 1}", "'value' is no name of a dial"),
        ("dials: {temperature: hot}", "must stand at a number, not 'hot'"),
        ("keyboards: [{lvel: 1}]", "unknown key 'lvel'. Did you mean 'level'"),
    ],
)
def test_what_is_wrong_in_a_map_is_said_with_its_place(tmp_path: Path, text: str, reason: str):
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason) as refused:
        read_map(path, REGISTRY)
    assert "own.yaml" in str(refused.value)


def test_a_map_that_is_missing_or_no_yaml_is_said(tmp_path: Path):
    (tmp_path / "bad.yaml").write_text("controls: [")
    with pytest.raises(FileError, match="not valid YAML"):
        read_map(tmp_path / "bad.yaml", REGISTRY)
    with pytest.raises(FileError, match=r"no MIDI map 'keybord'\. Did you mean 'keyboard'"):
        map_path("keybord")


def test_the_map_in_the_docs_can_be_read(tmp_path: Path):
    page = (Path(__file__).parents[2] / "docs" / "midi.md").read_text()
    path = tmp_path / "docs.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0])
    found = read_map(path, REGISTRY)
    assert (len(found.controls), len(found.keyboards)) == (5, 1)
    for word in ("curve", "mode", "step", "pickup", "when", "hold_s", "release_s", "gain_db"):
        assert f"`{word}`" in page


def test_a_word_that_is_no_dial_of_the_map_is_refused_with_the_nearest():
    record = {"on": "cc 1", "do": "/sda/midi/dial", "arguments": ["heat", "$temprature"]}
    with pytest.raises(UsageError, match=r"Did you mean '\$temperature'"):
        read_control(record, REGISTRY, "here", {"temperature": 1.0})
