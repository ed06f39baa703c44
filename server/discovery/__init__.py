"""What lets others find the daemon and its addresses: OSCQuery over HTTP and websocket.

OSCQuery is a proposal by Vidvox (https://github.com/Vidvox/OSCQueryProposal). Here `namespace`
describes the addresses, `http` and `connection` read requests, `websocket` carries values and
commands, and `query` puts them together.
"""

from .query import QueryServer

__all__ = ["QueryServer"]
