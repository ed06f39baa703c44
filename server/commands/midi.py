"""/sda/midi: inputs, maps, learning, the clock; and what hands do, for those who look on."""

from typing import Annotated

from sdaudio.errors import UsageError, nearest_hint
from sdaudio.settings import midi_folder

from ..context import Context
from ..midi import known_maps
from ..registry import Results, Spec, command
from ..wire import Argument, Peer

InputName = Annotated[str, Spec("name of an input, or a part of it; * is all")]
MapName = Annotated[str, Spec("name of a map, or the path of a YAML file")]


@command("/sda/midi/ports", returns="inputs outputs")
async def ports(context: Context, peer: Peer) -> Results:
    """List the MIDI ports of this machine.

    One ``/sda/midi/port <in|out> <name>`` for each, then how many inputs and outputs there are.
    What came or went is noticed here at once, and by itself within two seconds.
    """
    known = await context.midi.connections.look()
    for direction, names in (("in", known.inputs), ("out", known.outputs)):
        for name in names:
            context.clients.tell(peer, "/sda/midi/port", direction, name)
    return len(known.inputs), len(known.outputs)


@command("/sda/midi/open", returns="inputs")
async def open_input(context: Context, name: InputName) -> Results:
    """Listen to an input, now and whenever it comes back.

    ``virtual:NAME`` makes an input of that name that other programs connect to, where the system
    allows it. Subscribers hear ``/sda/midi/input <name> <open>`` when an input comes or goes.
    """
    return (len(await context.midi.connections.open(name)),)


@command("/sda/midi/close", returns="inputs")
async def close_input(context: Context, name: InputName) -> Results:
    """Listen to an input no more; the notes that it holds are let go. Answers how many closed."""
    return (len(await context.midi.connections.close_input(name)),)


@command("/sda/midi/inputs", returns="inputs events dropped lost notes")
def inputs(context: Context, peer: Peer) -> Results:
    """List the inputs that are open: one ``/sda/midi/input <name> 1`` for each.

    Then how many there are, how many events came, how many pieces of a flood were dropped, how many
    bytes belonged to no message, and how many notes sound.
    """
    desk = context.midi
    for name in desk.connections.names:
        context.clients.tell(peer, "/sda/midi/input", name, 1)
    connections = desk.connections
    return (
        len(connections.names), connections.n_events, connections.n_dropped, connections.n_lost,
        desk.held(),
    )  # fmt: skip


@command("/sda/midi/maps", returns="maps folder")
def maps(context: Context, peer: Peer) -> Results:
    """List the maps: one ``/sda/midi/map/item <name> <in use> <about>`` for each.

    Then how many there are, and the folder for your own.
    """
    used = context.midi.maps
    names = sorted({*known_maps(), *used})
    for name in names:
        about = used[name].about if name in used else ""
        context.clients.tell(peer, "/sda/midi/map/item", name, int(name in used), about)
    return len(names), str(midi_folder())


@command("/sda/midi/map", returns="map controls keyboards")
def use_map(context: Context, name: MapName) -> Results:
    """Use a map from now on, beside those in use, or read it again after you edited it.

    It is checked whole before anything of it is used; what is wrong is said with its place.
    """
    path = context.settings.folders.readable(name) if name.endswith((".yaml", ".yml")) else name
    found = context.midi.use(str(path))
    return found.name, len(found.controls), len(found.keyboards)


@command("/sda/midi/unmap")
def drop_map(context: Context, name: MapName) -> Results:
    """Use a map no more; its notes are let go."""
    context.midi.drop(name)
    return ()


@command("/sda/midi/controls", returns="controls")
def controls(context: Context, peer: Peer) -> Results:
    """List what is bound to what in the maps in use.

    One ``/sda/midi/control <map> <control> <low> <high> <address> <arguments ...>`` for each, then
    how many there are.
    """
    listed = [(each.name, control) for each in context.midi.maps.values()
              for control in each.controls]  # fmt: skip
    for name, control in listed:
        context.clients.tell(
            peer, "/sda/midi/control", name, control.name, control.low, control.high,
            control.address, *control.arguments,
        )  # fmt: skip
    return (len(listed),)


@command("/sda/midi/learn", returns="address control low high others")
async def learn(
    context: Context,
    address: Annotated[str, Spec("a command, or an address below /sda/state; empty gives up")],
    *argument: Annotated[str, Spec("its arguments, $value where the control's goes; low and high")],
) -> Results:
    """Bind the next knob that is moved, or key that is pressed, to a command.

    Without ``$value`` the position of the control goes behind the arguments. Two numbers at the end
    are what its two ends stand for, else it covers what the argument allows: ``/sda/midi/learn
    /sda/play/gain -40 0``. It is kept in the map ``learned`` and stays after a restart. Answers
    when something was moved; ``others`` is how many controls in use hear the same knob (each is
    told with ``/sda/midi/conflict <control>``). An empty address gives up waiting.
    """
    if not address:
        context.midi.learning.stop()
        return "", "", 0.0, 0.0, 0
    words: list[Argument] = [_value(each) for each in argument]
    limits = None
    if len(words) >= 2 and all(isinstance(word, int | float) for word in words[-2:]):
        limits = (float(words[-2]), float(words[-1]))  # type: ignore[arg-type]
        words = words[:-2]
    control, others = await context.midi.learning.learn(address, words, limits)
    for other in others:
        context.clients.announce("/sda/midi/conflict", other)
    return control.address, control.name, control.low, control.high, len(others)


@command("/sda/midi/forget", returns="controls")
def forget(
    context: Context,
    address: Annotated[str, Spec("a command; empty forgets all that was learned")] = "",
) -> Results:
    """Forget what was learned for a command. Answers how many controls these were."""
    return (context.midi.learning.forget(address),)


@command("/sda/midi/monitor", returns="on")
def monitor(context: Context, peer: Peer, on: Annotated[bool, Spec("0 ends it")] = True) -> Results:
    """Hear every event: ``/sda/midi/event <input> <kind> <channel> <number> <value>``."""
    context.midi.monitor(context.clients.target(peer), on=on)
    return (int(on),)


@command("/sda/midi/dial", returns="name value")
def dial(
    context: Context,
    name: Annotated[str, Spec("a name that maps use behind a $, such as temperature")],
    value: Annotated[float, Spec("where it stands")],
) -> Results:
    """Turn a dial: a value that does nothing by itself, and that controls of maps use.

    With ``dials: {temperature: 1}`` in a map a key may draw codes at ``$temperature``, and a knob
    turn it. Subscribers get ``/sda/midi/dial <name> <value>``.
    """
    known = context.midi.around.dials
    if name not in known:
        raise UsageError(
            f"No map in use has a dial '{name[:80]}'.{nearest_hint(name[:80], known)} There are "
            f"{', '.join(sorted(known)) or 'none'}."
        )
    known[name] = value
    context.clients.announce("/sda/midi/dial", name, value)
    return name, value


@command("/sda/midi/panic")
def panic(context: Context) -> Results:
    """Let go of all notes at once."""
    context.midi.panic()
    return ()


@command("/sda/midi/clock", returns="on leader")
def follow_clock(
    context: Context,
    on: Annotated[bool, Spec("whether the tempo follows a MIDI clock")] = True,
    name: InputName = "*",
) -> Results:
    """Let what plays follow the first MIDI clock that is heard of some inputs, or no more.

    Beats fall where the clock's do, and the speed of all that plays follows (``/sda/play/tempo``).
    Its stop stops all grids; its start begins those that loop anew on its first tick, after a
    continue they are where they would be by the song position. At the start of the daemon it does
    as ``midi.clock`` in the configuration says. ``leader`` is the input that is followed now.
    """
    conductor = context.midi.conductor
    if on != conductor.is_on or name != conductor.wanted:
        conductor.follow(on=on, wanted=name)
    return int(on), conductor.leader


@command("/sda/midi/clock/send", returns="outputs")
async def send_clock(
    context: Context,
    peer: Peer,
    output: Annotated[str, Spec("name of an output, or a part of it; empty only lists")] = "",
    on: Annotated[bool, Spec("0 ends it")] = True,
) -> Results:
    """Send a MIDI clock to an output, now and whenever it comes back, or no more.

    While there is a tempo (``/sda/play/tempo``) it ticks 24 times a beat; it says start right
    before the first tick of a beat, or of a bar where that is what starts wait for, and stop when
    the tempo is switched off. ``virtual:NAME`` makes an output that other programs connect to. One
    ``/sda/midi/clock/output <name> 1`` for each that gets one now, then how many; subscribers hear
    it when one comes or goes.
    """
    desk = context.midi
    names = await desk.send_clock(output, on=on) if output else desk.clock.names
    for name in names:
        context.clients.tell(peer, "/sda/midi/clock/output", name, 1)
    return (len(names),)


def _value(text: str) -> Argument:
    """What a text of a variadic argument was before it became one."""
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
