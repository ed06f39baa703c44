"""Methods that hold the lock of what they belong to."""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Protocol, TypeVar, cast

_Method = TypeVar("_Method", bound=Callable[..., object])


class _Lockable(Protocol):
    _lock: RLock


def locked(method: _Method) -> _Method:
    """Let a method hold ``self._lock`` while it runs."""

    @wraps(method)
    def with_lock(self: _Lockable, *args: object, **kwargs: object) -> object:
        with self._lock:
            return method(self, *args, **kwargs)

    return cast(_Method, with_lock)
