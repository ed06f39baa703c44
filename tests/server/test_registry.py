import shlex
from typing import Annotated

import pytest

from sdaudio.errors import UsageError
from sdaudio.grid import Region
from sdaudio_server.commands import SECTIONS, all_commands
from sdaudio_server.commands.examples import example_of
from sdaudio_server.reference import render_reference
from sdaudio_server.registry import Command, Registry, Spec, command, section_of
from sdaudio_server.shell.words import read_words
from sdaudio_server.wire import INFINITUM


@command("/test/mix", returns="level")
def _mix(
    context: object,
    name: Annotated[str, Spec("a name")],
    level: Annotated[int, Spec("a level", 0, 3)],
    temperature: Annotated[float, Spec("how wild", 0.1, 2.0)] = 1.0,
    seed: Annotated[int, Spec("a seed", 0)] = 0,
    loud: Annotated[bool, Spec("louder")] = False,
) -> tuple[int]:
    """Mix something."""
    return (level,)


@command("/test/list", returns="")
def _list(context: object, *values: Annotated[int, Spec("a value", 0, 9)]) -> None:
    """List something."""


MIX: Command = _mix.__command__
LIST: Command = _list.__command__


def test_positional_and_paired_options_bind_alike():
    expected = (["a", 2], {"temperature": 0.5, "seed": 7})
    assert MIX.bind(("a", 2, 0.5, 7)) == expected
    assert MIX.bind(("a", 2, "seed", 7, "temperature", 0.5)) == expected
    assert MIX.bind(("a", 2, 0.5, "seed", 7)) == expected


def test_types_of_other_hosts_are_understood():
    positional, named = MIX.bind(("a", 2.0, "temperature", 1, "seed", 7.0, "loud", 1.0))
    assert positional == ["a", 2]
    assert type(positional[1]) is int
    assert named == {"temperature": 1.0, "seed": 7, "loud": True}
    assert type(named["temperature"]) is float
    assert type(named["seed"]) is int
    assert MIX.bind((7.0, 2))[0] == ["7", 2]
    assert MIX.bind(("a", 2, "loud", True))[1] == {"loud": True}


def test_a_row_of_arguments_becomes_one_value():
    fill = Registry(all_commands())["/sda/grid/fill"]
    assert fill.bind(("g", 0, 2, 8, 4, 7)) == (["g", Region(0, 2, 8, 4), 7], {})
    with pytest.raises(UsageError, match="argument 3 'levels' is 0; allowed is 1 to 4"):
        fill.bind(("g", 0, 0, 8, 4, 7))
    with pytest.raises(UsageError, match="argument 5 'columns' is missing"):
        fill.bind(("g", 0, 2, 8))


def test_options_that_commands_share_are_gathered():
    sample = Registry(all_commands())["/sda/prior/sample"]
    positional, named = sample.bind(("g", "m", 4, 1.5, "seed", 7, "phrase", 3))
    assert positional == ["g", "m"]
    assert named.keys() == {"seconds", "drawing"}
    drawing = named["drawing"]
    assert (drawing.temperature, drawing.seed, drawing.phrase) == (1.5, 7, 3)
    assert (drawing.top_k, drawing.top_p, drawing.files) == (0, 0.9, "")
    with pytest.raises(UsageError, match=r"'temperature' is 3; allowed is 0\.1 to 2"):
        sample.bind(("g", "m", "temperature", 3))
    with pytest.raises(UsageError, match="Did you mean 'phrase'"):
        sample.bind(("g", "m", "phrse", 3))


def test_variadic_values_follow_each_other():
    assert LIST.bind((1, 2.0, 3)) == ([1, 2, 3], {})
    assert LIST.bind(()) == ([], {})
    with pytest.raises(UsageError, match="argument 2 'values' is 10; allowed is 0 to 9"):
        LIST.bind((1, 10))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "argument 1 'name' is missing. Usage: /test/mix name level"),
        (("a",), "argument 2 'level' is missing"),
        (("a", 4), "'level' is 4; allowed is 0 to 3"),
        (("a", 1.5), "'level' is 1.5, not a whole number"),
        (("a", "x"), "'level' is 'x', not a whole number"),
        (("a", 1, 3.0), "'temperature' is 3; allowed is 0.1 to 2"),
        (("a", 1, float("nan")), "'temperature' is nan"),
        (("a", 1, "seed", float("inf")), "'seed' is inf"),
        (("a", 1, "temprature", 1.0), "no option 'temprature'. Did you mean 'temperature'?"),
        (("a", 1, "seed", 7, "loud", 2), "'loud' is 2; allowed is 0 or 1"),
        (("a", 1, 1.0, 1, 1, 9), "argument 6 (9) is one too many"),
        ((b"a", 1), "'name' is b'a', not a text"),
        (("a", None), "'level' is None"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(arguments, words):
    with pytest.raises(UsageError) as raised:
        MIX.bind(arguments)
    assert words in str(raised.value)


def test_an_unknown_address_names_the_nearest():
    with pytest.raises(UsageError, match="Did you mean '/test/mix'"):
        Registry([_mix])["/test/mux"]


def test_two_commands_cannot_share_an_address():
    with pytest.raises(ValueError, match="twice"):
        Registry([_mix, _mix])


def test_a_command_needs_a_manual_page_and_described_parameters():
    with pytest.raises(ValueError, match="manual"):

        @command("/test/bare")
        def _bare(context: object) -> None: ...

    with pytest.raises(ValueError, match="Annotated"):

        @command("/test/plain")
        def _plain(context: object, x: int) -> None:
            """Do."""


def test_every_core_address_of_the_protocol_is_there():
    registry = Registry(all_commands())
    core = [
        "hello",
        "status",
        "sync",
        "subscribe",
        "unsubscribe",
        "help",
        "quit",
        "dataset/check",
        "train/start",
        "train/stop",
        "prior/train",
        "model/list",
        "model/load",
        "model/unload",
        "model/info",
        "model/health",
        "model/usage",
        "grid/encode",
        "grid/new",
        "grid/close",
        "grid/list",
        "grid/info",
        "grid/get",
        "grid/set",
        "grid/swap",
        "grid/undo",
        "grid/redo",
        "grid/label",
        "grid/render",
        "grid/mute",
        "grid/solo",
        "blend/set",
        "blend/commit",
        "blend/cancel",
        "play/grid",
        "play/loop",
        "play/stop",
        "play/column",
        "play/row",
        "play/code",
        "play/gain",
        "play/silence",
        "prior/sample",
        "job/list",
        "job/cancel",
        "midi/ports",
    ]
    assert [name for name in core if f"/sda/{name}" not in registry] == []


COMMANDS = Registry(all_commands())


def test_the_reference_names_every_command_with_its_arguments():
    page = render_reference(COMMANDS)
    for address in COMMANDS.addresses:
        described = COMMANDS[address]
        assert page.count(f"### `{described.usage}`\n") == 1
        assert described.manual.strip() in page
        for parameter in described.parameters:
            assert f"| {parameter.name} | {parameter.type_tag} | {parameter.spec.text} |" in page
        assert f"Example: `{example_of(described)}`" in page


def test_the_reference_has_each_section_once_and_its_commands_in_it():
    page = render_reference(COMMANDS)
    parts = page.split("\n## ")[1:]
    assert [part.split("\n")[0] for part in parts] == sorted(SECTIONS)
    for part in parts:
        section, _, sentence, *_ = part.split("\n")
        assert sentence == SECTIONS[section]
        assert section_of(part.split("### `")[1].split("`")[0].split()[0]) == section


@pytest.mark.parametrize("address", COMMANDS.addresses)
def test_every_command_has_an_example_that_binds(address: str):
    given, *words = shlex.split(example_of(COMMANDS[address]))
    assert given == address
    COMMANDS[address].bind(read_words(words)[0])


def test_a_manual_page_explains_every_argument_with_its_type():
    assert MIX.page == (
        "Mix something.\n"
        "name (s): a name (a text)\n"
        "level (i): a level (0 to 3)\n"
        "temperature (f): how wild (0.1 to 2, default 1.0)\n"
        "seed (i): a seed (0 or more, default 0)\n"
        "loud (i): louder (0 or 1, default 0)"
    )


def test_an_impulse_stands_for_no_arguments_where_none_are_needed():
    assert LIST.bind((INFINITUM,)) == ([], {})
    assert LIST.bind((None,)) == ([], {})
    with pytest.raises(UsageError, match="'name' is"):
        MIX.bind((INFINITUM,))
