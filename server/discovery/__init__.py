"""What lets others find the daemon and its addresses: OSCQuery over HTTP and websocket, zeroconf.

OSCQuery is a proposal by Vidvox (https://github.com/Vidvox/OSCQueryProposal). Here `namespace`
describes the addresses, `http` and `connection` read requests, `websocket` carries values and
commands, `query` puts them together, and `announce` tells the network.
"""

from .announce import Announcement, announce
from .query import QueryServer

__all__ = ["Announcement", "QueryServer", "announce"]
