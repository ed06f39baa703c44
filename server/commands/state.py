"""/sda/state: values that can be read, followed and set, one address each.

A message with a value to such an address sets it, see `..state`; these commands read and follow.
"""

from typing import Annotated

from ..context import Context
from ..registry import Results, Spec, command
from ..state import ROOT
from ..wire import Peer
from .system import Port

StateAddress = Annotated[str, Spec("an address, one that holds others, or a pattern")]


@command("/sda/state/get", returns="values")
def get_state(context: Context, peer: Peer, address: StateAddress = ROOT) -> Results:
    """Read values of the daemon's state.

    One ``<address> <value>`` for each, such as ``/sda/state/grid/one/mute/0 0``, then how many
    there are. What can be set is set by a message to the same address: ``/sda/state/grid/one/mute/0
    1`` mutes level 0 of grid ``one``, ``/sda/state/grid/one/playing 1`` loops it. In addresses a
    ``~`` stands for a space of a name.
    """
    nodes = context.state.read(address)
    for node in nodes:
        context.clients.tell(peer, node.address, node.value)
    return (len(nodes),)


@command("/sda/state/listen", returns="values")
def listen(context: Context, peer: Peer, address: StateAddress = ROOT, port: Port = 0) -> Results:
    """Follow values of the daemon's state.

    Sends ``<address> <value>`` for each now and again whenever it changes, at the most 30 times a
    second. With a port, to that port of your machine: TouchOSC and Max need that.
    """
    return (context.listeners.listen(context.clients.target(peer, port), address),)


@command("/sda/state/ignore")
def ignore(context: Context, peer: Peer, address: StateAddress = "/", port: Port = 0) -> Results:
    """Follow values of the daemon's state no more: one, those below an address, or all."""
    context.listeners.ignore(context.clients.target(peer, port), address)
    return ()
