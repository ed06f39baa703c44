"""What is asked and answered over HTTP, as Python values; nothing here knows bytes or sockets."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks. Header names are lower case; ``local`` is the address it reached."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    local: tuple[str, int]

    def header(self, name: bytes) -> str | None:
        """The value of a header, or None; of one that is there twice, the first."""
        return next((v.decode("latin-1") for n, v in self.headers if n == name), None)

    @property
    def wants_websocket(self) -> bool:
        """Whether it asks for the connection to become a websocket."""
        return (self.header(b"upgrade") or "").strip().lower() == "websocket"


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    content_type: bytes = b"application/json"


class Upgraded(Protocol):
    """What takes over a connection that becomes a websocket."""

    def receive(self, data: bytes) -> None:
        """Take bytes of the stream."""
        ...

    def close(self) -> None:
        """Part in order."""
        ...

    def lost(self) -> None:
        """Forget the connection, which has ended."""
        ...


class Refused(Exception):  # noqa: N818 (an answer more than an error)
    """A request that is answered with an error."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"{response.status} {response.body!r}")
        self.response = response
