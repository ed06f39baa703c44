"""/sda/play: hear grids, single moments and single codes; their level, speed, tempo and device."""

from typing import Annotated

from ..context import Context
from ..registry import Results, Spec, command
from ..tracks import Mix
from ..transport import PREVIEW_COLUMNS
from ..wire import Peer
from .parameters import Code, Column, GainDb, GridName, Level, ModelName, OptionalColumns

Held = Annotated[int, Spec("how many columns it is held", 1, 480)]
Fade = Annotated[float, Spec("how long it fades; never less than a click takes", 0, 60, "s")]

_DEFAULT_DEVICE = "default"
_FIRST_COLUMNS_PER_BEAT = 24.0


@command("/sda/play/grid", returns="grid start columns")
async def play_grid(
    context: Context,
    moment: float | None,
    grid: GridName,
    start: Column = 0,
    columns: OptionalColumns = 0,
    gain: GainDb = 0.0,
    fade: Fade = 0.0,
) -> Results:
    """Play a grid, or some columns of it, once.

    While it plays, subscribers get ``/sda/play/head <grid> <column> <fraction>``;
    ``/sda/play/state <grid> <playing>`` says when it begins and ends. In a dated bundle it starts
    exactly ``playback.lead_ms`` after the timetag, and several grids on the same sample; otherwise
    at once, or with a tempo (``/sda/play/tempo``) on the next beat.
    """
    session = context.sessions[grid]
    played = await context.transport.play(
        session, start=start, columns=columns, loop=False, gain_db=gain, fade_s=fade, moment=moment
    )
    return grid, *played


@command("/sda/play/loop", returns="grid start columns")
async def loop(
    context: Context,
    moment: float | None,
    grid: GridName,
    start: Column = 0,
    columns: OptionalColumns = 0,
    gain: GainDb = 0.0,
    fade: Fade = 0.0,
    in_phase: Annotated[
        bool, Spec("whether a loop that plays moves there without beginning anew")
    ] = False,
) -> Results:
    """Play a grid, or some columns of it, round and round. Edits are heard at the next pass.

    It starts as ``/sda/play/grid`` does. With in_phase 1 a loop that plays already moves to the
    other columns at once and goes on as far behind their start as it is now, so that a region can
    be dragged about without losing the beat.
    """
    session = context.sessions[grid]
    played = await context.transport.play(
        session,
        start=start,
        columns=columns,
        loop=True,
        gain_db=gain,
        fade_s=fade,
        in_phase=in_phase,
        moment=moment,
    )
    return grid, *played


@command("/sda/play/scrub", returns="grid column")
async def scrub(
    context: Context,
    grid: GridName,
    column: Annotated[float, Spec("where the hand is, with a fraction", 0)],
    hold: Annotated[float, Spec("how long it sounds after the last message", 0.03, 60, "s")] = 0.25,
) -> Results:
    """Hear a grid under your hand: grains of the sound around a place, without clicks.

    Send it again and again while the hand moves, or while it rests and should go on sounding. When
    nothing comes for as long as hold says, it falls silent. What the grid plays fades out.
    """
    await context.transport.scrub(context.sessions[grid], column, hold_s=hold)
    return grid, column


@command("/sda/play/stop", returns="")
def stop(
    context: Context,
    moment: float | None,
    grid: Annotated[str, Spec("name of a grid; empty is all")] = "",
    fade: Fade = 0.0,
    level: Annotated[
        int, Spec("a level that plays alone; -1 is the grid and all of them", -1, 3)
    ] = -1,
) -> Results:
    """Fade a grid out, or everything.

    In a dated bundle the fade begins exactly ``playback.lead_ms`` after the timetag.
    """
    sessions = [context.sessions[grid]] if grid else list(context.sessions)
    for session in sessions:
        if level < 0:
            context.transport.stop(session, fade_s=fade, moment=moment)
        else:
            context.transport.stop_level(session, level, fade_s=fade, moment=moment)
    if not grid and level < 0 and not fade and moment is None:
        context.transport.stop_all()
    return ()


@command("/sda/play/silence", returns="")
def silence(context: Context) -> Results:
    """Fade everything out at once: grids, previews, all."""
    context.transport.stop_all()
    return ()


@command("/sda/play/gain", returns="gain")
def gain(context: Context, gain: GainDb) -> Results:
    """Set the level of everything that is played; ``/sda/grid/gain`` sets that of one grid."""
    context.transport.set_gain(gain)
    return (gain,)


@command("/sda/grid/gain", returns="grid gain")
def grid_gain(context: Context, grid: GridName, gain: GainDb) -> Results:
    """Set the level of one grid among the others, now and whenever it plays.

    Subscribers get ``/sda/play/mix <grid> <gain> <speed>``.
    """
    session = context.sessions[grid]
    stage = context.transport.stage
    stage.set_mix(session, Mix(gain, stage.mix(session).speed))
    return grid, gain


@command("/sda/play/speed", returns="grid speed")
def speed(
    context: Context,
    grid: GridName,
    speed: Annotated[float, Spec("1 is as it was learned; the pitch moves with it", 0.25, 4)],
) -> Results:
    """Set how fast a grid plays, as a tape does, now and whenever it plays.

    While it plays it glides there within 50 ms. With a tempo it is a multiple of that: 2 is double
    time. Subscribers get ``/sda/play/mix <grid> <gain> <speed>``.
    """
    session = context.sessions[grid]
    stage = context.transport.stage
    stage.set_mix(session, Mix(stage.mix(session).gain_db, speed))
    return grid, speed


@command("/sda/play/tempo", returns="bpm columns quantum")
def tempo(
    context: Context,
    bpm: Annotated[float, Spec("beats per minute, 20 to 400; 0 is no beat", 0, 400, "bpm")],
    columns: Annotated[
        float, Spec("columns of a grid that last one beat; 0 leaves them as they are", 0, 1000)
    ] = 0.0,
    quantum: Annotated[
        float, Spec("beats in what starts wait for: 1 a beat, 4 a bar; 0 leaves it", 0, 64)
    ] = 0.0,
) -> Results:
    """Give everything a beat: starts wait for it, and what plays keeps to it.

    The speed of all grids follows, so that so many columns last one beat. A change while they play
    glides, and loops stay in phase. 24 columns last half a second at 48 kHz: with 120 beats per
    minute and 24 columns nothing changes its pitch by more than half a semitone.
    Subscribers get ``/sda/play/tempo <bpm> <columns> <quantum>``.
    """
    stage = context.transport.stage
    wanted = (
        bpm,
        columns or stage.tempo.columns_per_beat or _FIRST_COLUMNS_PER_BEAT,
        quantum or stage.tempo.quantum,
    )
    stage.set_tempo(*wanted)
    return wanted


@command("/sda/play/heads", returns="rate")
def heads(
    context: Context,
    rate: Annotated[float, Spec("playhead events per second; 0 is none", 0, 60, "Hz")],
) -> Results:
    """Set how often all subscribers are told where playheads are.

    ``/sda/play/head <grid> <column> <fraction>`` for grids, ``/sda/play/row/head <grid> <level>
    <column> <fraction>`` for levels that play alone; the fraction is how far into the column.
    """
    context.transport.stage.head_rate = rate
    return (rate,)


@command("/sda/play/column", returns="samples")
async def column(
    context: Context,
    moment: float | None,
    grid: GridName,
    column: Column,
    columns: Held = PREVIEW_COLUMNS,
) -> Results:
    """Hold one moment of a grid. In a dated bundle it starts as ``/sda/play/grid`` does."""
    session = context.sessions[grid]
    return (await context.transport.preview_column(session, column, columns, moment),)


@command("/sda/play/row", returns="samples")
async def row(
    context: Context,
    moment: float | None,
    grid: GridName,
    level: Level,
    start: Column = 0,
    columns: OptionalColumns = 0,
    loop: Annotated[bool, Spec("whether it goes round until it is stopped")] = False,
    gain: GainDb = 0.0,
    fade: Fade = 0.0,
) -> Results:
    """Play one level of a grid alone, the others absent, once or round and round.

    It plays beside the grid and is edited with it; ``/sda/play/stop <grid> 0 <level>`` stops it.
    Subscribers get ``/sda/play/row/state <grid> <level> <playing>`` and ``/sda/play/row/head``. It
    starts as ``/sda/play/grid`` does.
    """
    session = context.sessions[grid]
    _, played = await context.transport.play(
        session,
        start=start,
        columns=columns,
        loop=loop,
        gain_db=gain,
        fade_s=fade,
        level=level,
        moment=moment,
    )
    return (played * session.model.column_length,)


@command("/sda/play/code", returns="samples")
async def code(
    context: Context,
    moment: float | None,
    model: ModelName,
    level: Level,
    code: Code,
    columns: Held = PREVIEW_COLUMNS,
) -> Results:
    """Hear one code of a model alone, the other levels absent.

    After the first one the level's others are rendered ahead, so that they sound at once. In a
    dated bundle it starts as ``/sda/play/grid`` does.
    """
    loaded = context.library.model(model)
    return (await context.transport.preview_code(loaded, level, code, columns, moment),)


@command("/sda/play/devices", returns="devices")
async def devices(context: Context, peer: Peer) -> Results:
    """List the devices that sound can go to.

    One ``/sda/play/device/item <number> <name> <in use>`` for each, then how many there are.
    """
    found = await context.transport.player.devices()
    used = context.transport.player.device_state[0]
    for number, name in found:
        context.clients.tell(peer, "/sda/play/device/item", number, name, int(name == used))
    return (len(found),)


@command("/sda/play/missed", returns="blocks")
def missed(context: Context) -> Results:
    """Tell how many blocks came too late since playback was started; each may be heard as a gap.

    A longer ``playback.block_length`` helps against them.
    """
    return (context.transport.player.playback.missed_blocks(),)


@command("/sda/play/device", returns="device rate heard reason")
async def device(
    context: Context,
    name: Annotated[
        str, Spec("number or part of the name of a device, or default; empty only asks")
    ] = "",
) -> Results:
    """Go over to another device, or ask where sound goes; what plays goes on there.

    Heard is 0 while there is no device and time passes in silence; the reason says why. A device
    that was lost is looked for and taken again. Subscribers get ``/sda/play/device <device> <rate>
    <heard> <reason>`` when it changes.
    """
    if name:
        await context.transport.player.change_device("" if name == _DEFAULT_DEVICE else name)
    return context.transport.player.device_state
