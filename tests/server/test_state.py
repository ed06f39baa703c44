"""Values of the daemon as addresses: read, set and followed by plain OSC."""

import asyncio
from dataclasses import dataclass, field

import pytest
from osc_bytes import message

from sdaudio.errors import StateError, UsageError
from sdaudio_server import listening
from sdaudio_server.client import Client
from sdaudio_server.listening import Listeners, PathChanges
from sdaudio_server.state import Node, State
from sdaudio_server.wire import Message


def _values(client: Client, address: str) -> dict[str, object]:
    client.events.clear()
    (count,) = client.call("/sda/state/get", address)
    values = {known: given[0] for known, given in client.events}
    assert len(values) == count
    return values


def _set(client: Client, answered_as: str, address: str, *values: float | str) -> tuple:
    client.send(address, *values)
    return client.wait_for("/sda/done", lambda v: v[0] == answered_as)[1:]


def test_a_grid_has_an_address_for_each_of_its_values(client: Client, grid: str):
    base = f"/sda/state/grid/{grid}"
    values = _values(client, base)
    assert values[f"{base}/model"] == "starter"
    assert values[f"{base}/columns"] == client.call("/sda/grid/info", grid)[3]
    assert values[f"{base}/playing"] == 0
    assert values[f"{base}/head"] == -1
    assert values[f"{base}/label/0"] == "Structure"
    assert {f"{base}/mute/{level}" for level in range(3)} <= set(values)


def test_models_and_jobs_have_values_too(client: Client):
    values = _values(client, "/sda/state")
    assert values["/sda/state/model/starter/codes"] == 128
    assert values["/sda/state/model/starter/health"] in ("green", "yellow", "red")
    assert values["/sda/state/job/progress"] == 0
    assert "/sda/play/gain" in _values(client, "/")


def test_a_value_is_set_at_its_own_address(client: Client, grid: str):
    base = f"/sda/state/grid/{grid}"
    for value, expected in ((1.0, 1), (0, 0), (1, 1)):
        assert _set(client, "/sda/grid/mute", f"{base}/mute/2", value) == (grid, 2, expected)
    assert _set(client, "/sda/grid/label", f"{base}/label/1", "Dust") == (grid, 1, "Dust")
    assert _values(client, base)[f"{base}/mute/2"] == 1
    assert _values(client, base)[f"{base}/label/1"] == "Dust"
    assert _set(client, "/sda/play/loop", f"{base}/playing", 1)[0] == grid
    assert _values(client, base)[f"{base}/playing"] == 1
    _set(client, "/sda/play/stop", f"{base}/playing", 0)
    assert _values(client, base)[f"{base}/playing"] == 0


def test_how_a_grid_is_mixed_and_the_beat_can_be_set_and_followed(client: Client, grid: str):
    base = f"/sda/state/grid/{grid}"
    assert _set(client, "/sda/grid/gain", f"{base}/gain", -12.0) == (grid, -12.0)
    assert _set(client, "/sda/play/speed", f"{base}/speed", 0.5) == (grid, 0.5)
    values = _values(client, base)
    assert (values[f"{base}/gain"], values[f"{base}/speed"]) == (-12.0, 0.5)
    client.call("/sda/state/listen", "/sda/state/play/bpm")
    assert _set(client, "/sda/play/tempo", "/sda/state/play/bpm", 120.0)[0] == 120.0
    assert client.wait_for("/sda/state/play/bpm", lambda v: v[0] == 120.0)
    client.call("/sda/play/tempo", 0.0)
    client.call("/sda/state/ignore")


def test_a_pattern_sets_every_value_that_it_fits(client: Client, grid: str):
    client.send(f"/sda/state/grid/{grid}/mute/*", 1)
    for level in range(3):
        assert client.wait_for("/sda/done") == ("/sda/grid/mute", grid, level, 1)


def test_a_space_of_a_name_is_a_tilde_in_its_address(client: Client):
    client.call("/sda/grid/new", "my own grid", "starter", 4)
    base = "/sda/state/grid/my~own~grid"
    assert _values(client, base)[f"{base}/columns"] == 4
    _set(client, "/sda/grid/mute", f"{base}/mute/0", 1)
    client.call("/sda/grid/close", "my own grid")
    with pytest.raises(UsageError, match="no grid 'my own grid'"):
        client.call("/sda/state/get", base)


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/sda/state/grid/starter/revision", (7,), "can only be read"),
        (
            "/sda/state/grid/starter/revisoin",
            (7,),
            "mean '/sda/state/grid/starter/revision'",
        ),
        ("/sda/state/grid/starter", (7,), "what lies in it has"),
        ("/sda/state/grid/startre/mute/0", (1,), "Did you mean 'starter'?"),
        ("/sda/state/model/startre/levels", (1,), "Did you mean 'starter'?"),
        ("/sda/state/jobs/count", (1,), "Did you mean '/sda/state/job/count'?"),
        ("/sda/state/grid/*/mute/9", (1,), "No command matches"),
        ("/sda/state/grid/starter/playing", (0.5,), "takes 1, which loops the grid, or 0"),
        ("/sda/state/grid/starter/mute/0", (), "'on' is missing"),
        ("/sda/state/grid/starter/mute/0", (3,), "allowed is 0 or 1"),
    ],
)
def test_what_cannot_be_set_is_answered_with_the_reason(client: Client, address, arguments, words):
    client.send(address, *arguments)
    assert words in client.wait_for("/sda/fail")[2]


def test_a_listener_gets_the_value_and_its_changes_at_one_address(client: Client, grid: str):
    address = f"/sda/state/grid/{grid}/mute/1"
    assert client.call("/sda/state/listen", address) == (1,)
    assert client.wait_for(address) == (0,)
    client.call("/sda/grid/mute", grid, 1, 1)
    assert client.wait_for(address) == (1,)
    client.call("/sda/state/ignore", address)
    client.call("/sda/grid/mute", grid, 1, 0)
    client.call("/sda/grid/mute", grid, 1, 1)
    assert client.receive(0.2) is None


def test_a_listener_of_a_container_hears_of_what_opens_later(client: Client):
    client.call("/sda/state/listen", "/sda/state/grid")
    client.call("/sda/grid/new", "later", "starter", 5)
    assert client.wait_for("/sda/state/grid/later/columns") == (5,)
    client.call("/sda/state/ignore")
    client.call("/sda/grid/close", "later")


def test_a_listener_may_name_another_port_as_touchosc_needs(client: Client, daemon):
    with Client(daemon.port) as display:
        port = display._socket.getsockname()[1]
        client.call("/sda/state/listen", "/sda/play/gain", port)
        display.wait_for("/sda/play/gain")
        client.call("/sda/play/gain", -12.0)
        assert display.wait_for("/sda/play/gain", lambda v: v[0] == -12.0)
        client.call("/sda/state/ignore", "/", port)
        client.call("/sda/play/gain", 0.0)


def test_a_playhead_is_followed_while_it_plays(client: Client, grid: str):
    address = f"/sda/state/grid/{grid}/head"
    client.call("/sda/state/listen", address)
    client.call("/sda/play/loop", grid)
    client.wait_for(address, lambda v: v[0] > 2)
    client.call("/sda/play/stop", grid)
    client.wait_for(address, lambda v: v[0] == -1)
    client.call("/sda/state/ignore")


def test_the_progress_of_a_job_is_a_value(client: Client):
    client.call("/sda/state/listen", "/sda/state/job")
    client.job("/sda/prior/sample", "followed", "starter", 20.0, "seed", 1)
    client.wait_for("/sda/state/job/count", lambda v: v[0] == 1)
    client.wait_for("/sda/state/job/count", lambda v: v[0] == 0)
    client.call("/sda/state/ignore")
    client.call("/sda/grid/close", "followed")


@dataclass(eq=False)
class _Peer:
    description: str = "a peer"
    host: str = "127.0.0.1"
    is_connection: bool = True
    is_open: bool = True
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def send_packet(self, packet: bytes) -> None:
        raise AssertionError("values are sent as messages")

    def to(self, port: int) -> "_Peer":
        return self


class _State(State):
    """A state with values of a test's own."""

    def __init__(self, **values: int) -> None:
        self.values = values
        self.grids: dict[str, tuple[object, ...]] = {}

    def nodes_near(self, address: str) -> list[Node]:
        return self.nodes()

    def nodes(self) -> list[Node]:
        return [Node(f"/sda/state/{name}", value, "") for name, value in self.values.items()]

    def branches(self) -> dict[str, tuple[object, ...]]:
        return dict(self.grids)


async def _settled() -> None:
    await asyncio.sleep(0.05)


def test_many_changes_in_a_moment_are_told_as_the_last_one():
    async def run() -> list[Message]:
        state, peer = _State(a=0, b=0), _Peer()
        listeners = Listeners(state)
        listeners.listen(peer, "/sda/state")
        for value in range(1, 100):
            state.values["a"] = value
            listeners.notice()
        await _settled()
        return peer.sent

    assert asyncio.run(run()) == [
        Message("/sda/state/a", (0,)),
        Message("/sda/state/b", (0,)),
        Message("/sda/state/a", (99,)),
    ]


def test_rounds_keep_a_distance_and_none_is_lost():
    async def run() -> list[Message]:
        state, peer = _State(a=0), _Peer()
        listeners = Listeners(state)
        listeners.listen(peer, "/sda/state/a")
        for value in range(1, 31):
            state.values["a"] = value
            listeners.notice()
            await asyncio.sleep(0.002)
        await _settled()
        return peer.sent

    sent = asyncio.run(run())
    assert sent[-1] == Message("/sda/state/a", (30,))
    assert len(sent) < 20


def test_who_is_gone_is_told_nothing_more():
    async def run() -> None:
        state, gone = _State(a=0), _Peer()
        listeners = Listeners(state)
        listeners.listen(gone, "/sda/state/a")
        gone.is_open = False
        state.values["a"] = 1
        listeners.notice()
        await _settled()
        assert len(gone.sent) == 1
        assert len(listeners) == 0

    asyncio.run(run())


def test_listeners_and_their_addresses_are_limited(monkeypatch):
    monkeypatch.setattr(listening, "MAX_LISTENERS", 2)
    monkeypatch.setattr(listening, "MAX_ADDRESSES", 1)
    listeners = Listeners(_State(a=0, b=0))
    first = _Peer()
    listeners.listen(first, "/sda/state/a")
    listeners.listen(_Peer(), "/sda/state/a")
    with pytest.raises(StateError, match="/sda/state/ignore"):
        listeners.listen(_Peer(), "/sda/state/a")
    with pytest.raises(StateError, match="container"):
        listeners.listen(first, "/sda/state/b")
    listeners.ignore(first, "/sda/state/*")
    assert len(listeners) == 1


def test_the_first_udp_listener_makes_room_for_one_more(monkeypatch):
    monkeypatch.setattr(listening, "MAX_LISTENERS", 2)
    listeners = Listeners(_State(a=0))
    peers = [_Peer(), _Peer(is_connection=False), _Peer()]
    for peer in peers:
        listeners.listen(peer, "/sda/state/a")
    assert len(listeners) == 2
    with pytest.raises(StateError):
        listeners.listen(_Peer(), "/sda/state/a")


def test_what_came_and_went_and_changed_its_kind_is_told_once():
    async def run() -> list[PathChanges]:
        state, told = _State(a=0), []
        state.grids = {"/g/one": ("kitchen", 3), "/g/two": ("kitchen", 3)}
        listeners = Listeners(state)
        listeners.watch_paths(told.append)
        state.grids = {"/g/two": ("drums", 2), "/g/three": ("drums", 2)}
        listeners.notice()
        listeners.notice()
        await _settled()
        listeners.watch_paths(None)
        state.grids = {}
        listeners.notice()
        await _settled()
        return told

    assert asyncio.run(run()) == [PathChanges(("/g/three",), ("/g/one",), ("/g/two",))]


def test_a_command_that_needs_nothing_takes_an_impulse(client: Client):
    client.send_packet(message("/sda/hello").dgram.replace(b",\0\0\0", b",I\0\0"))
    assert client.wait_for("/sda/done")[:2] == ("/sda/hello", "sdaudio")
