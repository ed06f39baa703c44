"""The daemon: puts the parts together, starts them in order and ends them in order."""

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import sdaudio
from sdaudio.errors import DeviceError, FileError, SdaudioError, StateError
from sdaudio.grid import Change
from sdaudio.resources import bundled
from sdaudio.settings import HTTP_OFF, Settings, token_path
from sdaudio.starter.phrase import starter_phrase

from .access import Access, keep_token
from .clients import Clients
from .commands import SECTIONS, all_commands
from .comparison import Comparison
from .context import Context
from .descriptors import Descriptors
from .discovery import Announcement, QueryServer, announce
from .dispatch import Dispatcher
from .instrument import Instrument
from .jobs import JobTable, Lanes
from .journal import Journal
from .library import STARTER, open_library
from .listening import Listeners
from .midi import Backend, MidiDesk, MidiPorts, MidoBackend
from .network import Network
from .playback import PlaybackInfo
from .registry import Registry
from .rendering import Rendering
from .renders import Following
from .sessions import Session, Sessions
from .state import State
from .supervision import Supervision
from .takes import Takes
from .templates import Templates
from .transport import Transport
from .wire import Peer, bind_udp

logger = logging.getLogger(__name__)


class Daemon:
    """One running daemon.

    Args:
        settings: where to listen, what to play on, where the library is.
        journal: keeps the grids, instead of the one in the folder that the settings name.

    Raises:
        StateError: another daemon has the port or the folder for grids.
    """

    def __init__(
        self, settings: Settings, journal: Journal | None = None, midi: Backend | None = None
    ) -> None:
        self._token = settings.server.token
        if not settings.server.is_local:
            self._token = self._token or keep_token(token_path())
            settings = replace(settings, folders=settings.folders.narrowed())
        self.settings = settings
        clients = Clients()
        library = open_library(settings.folders)
        lanes = Lanes(settings.workers)
        self._journal, self._not_kept = (journal, "") if journal else _open_journal(settings)
        sessions = Sessions(settings.grids, clients, self._journal, library.model)
        rendering = Rendering(lanes)
        transport = Transport(settings.playback, rendering, lanes, clients, sessions)
        jobs = JobTable(lanes, clients.tell_and_announce)
        state = State(sessions, library, jobs, transport)
        listeners = Listeners(state)
        registry = Registry(all_commands())
        descriptors = Descriptors(lanes, sessions)
        desk = MidiDesk(
            midi or MidoBackend(),
            registry,
            clients,
            library,
            sessions,
            Instrument(transport, descriptors),
            transport,
            state.current,
        )
        self.context = Context(
            settings=settings,
            registry=registry,
            clients=clients,
            library=library,
            sessions=sessions,
            templates=Templates(clients, self._journal),
            takes=Takes(sessions),
            descriptors=descriptors,
            lanes=lanes,
            jobs=jobs,
            rendering=rendering,
            following=Following(lanes, clients),
            transport=transport,
            comparison=Comparison(settings.folders, lanes, transport, clients),
            network=Network(settings.server, clients),
            state=state,
            listeners=listeners,
            midi=desk,
            started_at=time.monotonic(),
        )
        lanes.on_state(lambda lane: clients.announce("/sda/worker/state", *lane.described))
        sessions.on_change = self._changed
        sessions.on_levels = self._levels_changed
        sessions.on_close = self._closed
        sessions.on_lost = self.context.templates.read_again
        library.on_load = sessions.wake
        self._access = Access(self._token, time.monotonic, on_forgotten=self._forget)
        self.context.network.on_watch = self._access.forget_silent
        clients.on_event = listeners.notice
        self._dispatcher = Dispatcher(self.context, self._access)
        desk.run = self._dispatcher.run
        self._query = QueryServer(self.context, self._access, self._dispatcher.on_packet, SECTIONS)
        self._query_problem = ""
        self._announcement = Announcement()
        self._supervision = Supervision()
        self._starting: asyncio.Task[None] | None = None

    async def start(self, ready: Callable[[str], None] = lambda _text: None) -> None:
        """Listen and answer at once; workers and sound follow within a moment.

        Args:
            ready: called with the lines to show a person once sound and MIDI are known.

        Raises:
            StateError: the port is taken, or the address is none of this machine.
        """
        # before anybody can ask for one
        self.context.sessions.restore()
        await self.context.network.open(
            self._dispatcher.on_packet, on_closed=self._gone, is_known=self._access.admits
        )
        self.context.port = self.context.network.port
        await self._listen_for_queries()
        self.context.lanes.start()
        self._open_starter()
        self._starting = asyncio.get_running_loop().create_task(self._start_devices(ready))

    async def serve(self) -> None:
        """Run until ``/sda/quit``, SIGTERM or Ctrl-C, then end everything in order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
                loop.add_signal_handler(number, self.context.ended.set)
        await self.context.ended.wait()
        await self.close()

    async def close(self) -> None:
        """End jobs politely, then sound, workers and sockets."""
        logger.info("ending")
        self._supervision.ending()
        self._dispatcher.close()
        if self._starting:
            await self._starting
        await self.context.jobs.close()
        await self.context.following.close()
        await self.context.midi.close()
        await self.context.transport.close()
        await self.context.rendering.close()
        await self.context.lanes.close()
        self.context.listeners.close()
        await self._announcement.close()
        await self._query.close()
        await self.context.network.close()
        self._journal.close()

    def _gone(self, peer: Peer) -> None:
        self._access.forget(peer)
        self.context.sessions.gestures.end(peer)
        self._forget(peer)

    def _forget(self, peer: Peer) -> None:
        self.context.listeners.forget(self.context.clients.target(peer))
        self.context.clients.forget(peer)

    async def _listen_for_queries(self) -> None:
        host, port = self.settings.server.bind, self.settings.server.http_port
        if port == HTTP_OFF:
            return
        try:
            await self._query.open(host, port)
        except StateError as error:
            # OSC works without it, and whoever looks for it is told the port
            logger.info("%s", error)
            self._query_problem = f", because {port} is taken"
            await self._query.open(host, 0)
        self.context.http_port = self._query.port
        self.context.network.count_too(self._query.counters)

    def _open_starter(self) -> None:
        sessions = self.context.sessions
        try:
            model = self.context.library.load(STARTER)
            self.context.rendering.warm(model.path)
            if STARTER not in sessions:
                sessions.open(STARTER, model, starter_phrase(model.path))
        except SdaudioError as error:
            logger.warning("the starter model cannot be used: %s", error)

    async def _start_devices(self, ready: Callable[[str], None]) -> None:
        midi = asyncio.get_running_loop().create_task(self.context.midi.start(self.settings.midi))
        announcing = asyncio.get_running_loop().create_task(self._announce())
        try:
            playback = await self.context.transport.start()
        except DeviceError as error:
            logger.error("%s", error)
            playback = PlaybackInfo("", 0, silent=True, reason=str(error))
        await midi
        await announcing
        welcome = self._welcome(playback, self.context.midi.connections.known)
        self._supervision.ready(welcome)
        ready(welcome)

    async def _announce(self) -> None:
        server = self.settings.server
        if server.announce == "always" or (server.announce == "auto" and not server.is_local):
            self._announcement = await announce(
                server.bind, osc_port=self.context.port, http_port=self.context.http_port
            )

    def _changed(self, session: Session, change: Change) -> None:
        self.context.takes.changed(session, change)
        self.context.rendering.changed(session, change)
        self.context.following.changed(session)
        if change.resizes:
            self.context.comparison.hear_grid(session)

    def _levels_changed(self, session: Session) -> None:
        self.context.rendering.levels_changed(session)
        self.context.following.changed(session)

    def _closed(self, session: Session) -> None:
        self.context.following.unfollow(session)
        self.context.comparison.forget(session)
        self.context.rendering.forget(session)
        self.context.transport.forget(session)
        self.context.takes.forget(session)

    def _welcome(self, playback: PlaybackInfo, midi: MidiPorts) -> str:
        host, port = self.settings.server.bind, self.context.port
        sound = f"{playback.device}, {playback.sample_rate} Hz"
        if playback.silent:
            sound = f"none, playing to a silent clock ({playback.reason})"
        ports = midi.problem or f"{len(midi.inputs)} in, {len(midi.outputs)} out"
        models = ", ".join(model.name for model in self.context.library.loaded) or "none"
        grids = ", ".join(session.name for session in self.context.sessions) or "none"
        return "\n".join(
            (
                f"sdaudio {sdaudio.__version__} is ready",
                f"  OSC     {host} port {port}, UDP and TCP",
                f"  HTTP    {self._query_line()}",
                *self._door(),
                f"  model   {models} (grid open: {grids})",
                f"  sound   {sound}",
                f"  MIDI    {ports}; maps: {self._maps()}",
                f"  models  {self.context.library.folder}",
                f"  grids   {self._not_kept or self.settings.folders.grids_path()}",
                f"  renders {self.settings.folders.output_path()}",
                "Try next:",
                f"  {_own_command()} call --port {port} /sda/play/loop {STARTER}",
                f"  pd {bundled('patches/pd/sdaudio.pd')}",
                f"  {_own_command()} train FOLDER --name NAME",
            )
        )

    def _maps(self) -> str:
        return ", ".join(self.context.midi.maps) or "none"

    def _door(self) -> tuple[str, ...]:
        """What clients must show, and what they may touch, where not everybody is let in."""
        if not self._token:
            return ()
        where = "server.token of the configuration"
        if not self.settings.server.token:
            where = f"{self._token} (kept in {token_path()})"
        lines = [f"  token   {where}; a client sends /sda/hello TOKEN first"]
        if not self.settings.server.is_local:
            folders = self.settings.folders
            output = str(folders.output_path())
            lines.append(f"  reads   {', '.join((*folders.read, output))}")
            lines.append(f"  writes  {', '.join((*folders.write, output))}")
        return tuple(lines)

    def _query_line(self) -> str:
        if not self.context.http_port:
            return "off (server.http_port)"
        host = self.settings.server.bind
        shown = f"[{host}]" if ":" in host else host
        line = f"http://{shown}:{self.context.http_port}, OSCQuery{self._query_problem}"
        if self._announcement.name:
            return f"{line}, announced as '{self._announcement.name}'"
        if self._announcement.problem:
            return f"{line}, not announced: {self._announcement.problem}"
        return line


def _open_journal(settings: Settings) -> tuple[Journal, str]:
    """The journal, and why it does not keep what it should, if so.

    Raises:
        StateError: another daemon has it, or it was written by a newer sdaudio.
    """
    try:
        journal = Journal(settings.folders.grids_path())
    except StateError:
        # It is said first, if the port is taken as well: that is what started twice means.
        bind_udp(settings.server.bind, settings.server.port).close()
        raise
    except FileError as error:
        logger.error("%s Grids are lost when the daemon ends.", error)
        return Journal(None), str(error)
    return journal, journal.problem


def _own_command() -> str:
    """How this program is called here, for a person to copy."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{sys.executable} -m sdaudio_server"
    return str(program)


async def run_daemon(settings: Settings, ready: Callable[[str], None]) -> None:
    """Start a daemon and serve until it is told to end.

    Raises:
        StateError: the port is taken, or the address is not allowed.
    """
    daemon = Daemon(settings)
    await daemon.start(ready)
    # What was made until now stays. Otherwise every full collection walks over it for 4 ms,
    # and a packet full of messages starts several.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    await daemon.serve()
