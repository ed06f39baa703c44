"""/sda/hello, /sda/status, /sda/sync, /sda/subscribe, /sda/help, /sda/quit, jobs and MIDI ports."""

import asyncio
import time
from itertools import groupby
from typing import Annotated

import sdaudio
from sdaudio.errors import UsageError, nearest_hint

from ..context import PROTOCOL_VERSION, Context
from ..patterns import expand, is_pattern
from ..registry import Results, Spec, command, section_of
from ..sessions import state_of
from ..state import ROOT
from ..templates import state_of_template
from ..wire import Peer
from .examples import example_of
from .sections import SECTIONS

Port = Annotated[int, Spec("port you listen on, 0 is the one you send from", 0, 65535)]
_MAX_LINES = 40
"""Of a text in one answer, which has to fit into a datagram."""
JobNumber = Annotated[int, Spec("number of a job", 1)]


@command("/sda/hello", returns="name version protocol port http_port")
def hello(
    context: Context,
    token: Annotated[str, Spec("what a daemon that listens to other machines asks for")] = "",
) -> Results:
    """Ask who is there.

    Answers the name ``sdaudio``, its version, the version of this protocol, the OSC port and the
    HTTP port of OSCQuery, which is 0 when that is off. A daemon that listens to other machines
    hears nothing from a client that has not sent this with the token; it remembers a UDP client
    (its address and port) until it was silent for an hour, and a TCP client for as long as it is
    connected. Elsewhere the token is ignored.
    """
    del token  # looked at before any command runs, see access
    return "sdaudio", sdaudio.__version__, PROTOCOL_VERSION, context.port, context.http_port


@command("/sda/status", returns="uptime running waiting workers clients models dropped malformed")
def status(context: Context) -> Results:
    """Ask how the daemon is.

    Answers the uptime in seconds, jobs running, jobs waiting, worker processes alive, subscribed
    clients, and models loaded; then the packets that were lost because they came too quickly, and
    those that were no OSC. ``/sda/packets`` tells more.
    """
    totals = context.network.totals
    states = [job.state for job in context.jobs]
    return (
        time.monotonic() - context.started_at,
        states.count("running"),
        states.count("waiting"),
        context.lanes.n_alive,
        len(context.clients),
        len(context.library.loaded),
        totals.dropped,
        totals.malformed,
    )


@command("/sda/packets", returns="packets malformed dropped unsent connections buffer")
def packets(context: Context) -> Results:
    """Ask what came and went over the network since the start.

    Answers how many packets came, how many of them were no OSC, how many were lost because they
    came too quickly, how many answers and events could not be sent, how many clients are connected
    over TCP, and how many bytes the system holds for packets that have not been read; a burst that
    needs more is lost in part. On Linux ``sysctl -w net.core.rmem_max=4194304`` allows the daemon
    as many as it asks for. Subscribers hear ``/sda/packets/dropped <packets> <in all>`` within a
    second of a loss.
    """
    totals = context.network.totals
    return (
        totals.packets, totals.malformed, totals.dropped, totals.unsent, totals.connections,
        totals.receive_buffer,
    )  # fmt: skip


@command("/sda/sync", returns="")
async def sync(
    context: Context, peer: Peer, number: Annotated[int, Spec("any number, given back")]
) -> None:
    """Wait until everything you asked for before is done, your jobs too.

    Answers ``/sda/synced <number>``.
    """
    await asyncio.gather(*context.jobs.tasks_of(peer), return_exceptions=True)
    context.clients.tell(peer, "/sda/synced", number)


@command("/sda/subscribe", returns="clients")
def subscribe(context: Context, peer: Peer, port: Port = 0) -> Results:
    """Receive changes from now on: models, jobs, grids, sounds, playheads.

    First comes the current state: ``/sda/model/state`` for every loaded model,
    ``/sda/grid/state`` for every open grid, ``/sda/template/state`` for every template,
    ``/sda/job/state`` for every job and what plays (``/sda/play/state``, ``/sda/play/mix``,
    ``/sda/play/tempo``, ``/sda/play/device``). With a port, changes and answers go to that port of
    your machine; Max needs that, because it sends and listens on different ports.
    """
    target = context.clients.subscribe(peer, port)
    for model in context.library.loaded:
        context.clients.tell(target, "/sda/model/state", *model_state(context, model.name))
    for session in context.sessions:
        context.clients.tell(target, "/sda/grid/state", *state_of(session))
    for template in context.templates:
        context.clients.tell(target, "/sda/template/state", *state_of_template(template))
    for job in context.jobs:
        context.clients.tell(target, "/sda/job/state", *job.described)
    for address, arguments in context.transport.state():
        context.clients.tell(target, address, *arguments)
    return (len(context.clients),)


@command("/sda/unsubscribe", returns="clients")
def unsubscribe(context: Context, peer: Peer, port: Port = 0) -> Results:
    """Receive no more changes."""
    context.clients.unsubscribe(peer, port)
    return (len(context.clients),)


@command("/sda/help", returns="usage manual | commands")
def show_help(
    context: Context,
    peer: Peer,
    address: Annotated[str, Spec("an address, the beginning of some, or a pattern")] = "",
) -> Results:
    """Explain a command, some, or all.

    With an address: answers its usage and its manual page; ``/sda/`` in front may be left out. With
    the beginning of addresses, such as ``/sda/grid``, or a pattern: one ``/sda/help/command <usage>
    <summary>`` for each that fits, then their number. Without: the same for all, and before every
    group of them ``/sda/help/section <section> <commands> <sentence>``.
    """
    if address and not address.startswith("/"):
        address = f"/sda/{address}"
    if address in context.registry:
        described = context.registry[address]
        example = example_of(described)
        page = f"{described.page}\nExample: {example}" if example else described.page
        return described.usage, page
    if address.startswith(f"{ROOT}/") and not is_pattern(address):
        return _state_help(context, address)
    fitting = _fitting(context, address)
    for section, members in groupby(fitting, key=section_of):
        usages = [context.registry[known] for known in members]
        if not address:
            context.clients.tell(
                peer, "/sda/help/section", section, len(usages), SECTIONS.get(section, "")
            )
        for described in usages:
            context.clients.tell(peer, "/sda/help/command", described.usage, described.summary)
    return (len(fitting),)


@command("/sda/quit", returns="")
def end(context: Context) -> Results:
    """End the daemon in order: jobs first, then sound, then workers."""
    asyncio.get_running_loop().call_soon(context.ended.set)
    return ()


@command("/sda/job/list", returns="jobs")
def list_jobs(context: Context, peer: Peer) -> Results:
    """List the jobs that run or wait.

    One ``/sda/job/state <job> <address> <state> <fraction> <eta seconds> <text>`` for each, then
    their number.
    """
    for job in context.jobs:
        context.clients.tell(peer, "/sda/job/state", *job.described)
    return (len(context.jobs),)


@command("/sda/job/cancel", returns="job")
def cancel_job(context: Context, job_number: JobNumber) -> Results:
    """Ask a job to end; its terminal answer follows by itself."""
    return (context.jobs.cancel(job_number).number,)


@command("/sda/worker/list", returns="workers")
def list_workers(context: Context, peer: Peer) -> Results:
    """List the worker processes.

    One ``/sda/worker/state <lane> <process id> <ready> <reason>`` for each lane: ``live`` renders
    what must be heard at once, ``render`` encodes, exports and samples, ``train`` trains,
    ``playback`` plays. The process id is 0 where none runs. Then the number of workers that are
    ready. A worker that dies, or gives no sign of life for 8 seconds, is replaced, and its job
    fails. One that dies as soon as it starts, again and again, is tried every few seconds; until it
    lives, its jobs are refused, and the reason says why. Subscribers hear when this changes.
    """
    player = context.transport.playback_pid
    context.clients.tell(peer, "/sda/worker/state", "playback", player or 0, int(bool(player)), "")
    for lane in context.lanes:
        context.clients.tell(peer, "/sda/worker/state", *lane.described)
    return (context.lanes.n_alive,)


def model_state(context: Context, name: str) -> tuple[int | str, ...]:
    """The arguments of ``/sda/model/state``: name, loaded, levels, codes, level names."""
    loaded = context.library.is_loaded(name)
    header = context.library.model(name).header
    return (
        name, int(loaded), header.codec.n_levels, header.codec.codebook_size, *header.level_names,
    )  # fmt: skip


def _fitting(context: Context, address: str) -> list[str]:
    known = sorted(context.registry.addresses, key=lambda each: (section_of(each), each))
    if is_pattern(address):
        fitting = expand(address, known)
    else:
        fitting = [each for each in known if each.startswith(address)]
    if not fitting:
        hint = nearest_hint(address[:128], [*known, *SECTIONS])
        raise UsageError(f"Nothing fits '{address[:128]}'.{hint} /sda/help lists all.")
    return fitting


def _state_help(context: Context, address: str) -> Results:
    nodes = context.state.read(address)
    lines = [f"{node.address}: {node.text}{' (can be set)' * bool(node.write)}" for node in nodes]
    if nodes[0].address == address:
        return f"{address}{' [value]' * bool(nodes[0].write)}", lines[0].partition(": ")[2]
    return address, "\n".join(lines[:_MAX_LINES])
