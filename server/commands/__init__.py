"""The commands: one module per first word of their addresses, one function per command.

A handler's docstring is its manual page; see `registry`.
"""

from collections.abc import Callable
from typing import Any

from ..registry import declared_in
from . import (
    blending,
    codes,
    comparing,
    datasets,
    documents,
    editing,
    grids,
    library,
    midi,
    models,
    play,
    prior,
    provenance,
    rendering,
    state,
    system,
    templates,
    training,
    trying,
    varying,
)
from .sections import SECTIONS

__all__ = ["SECTIONS", "all_commands"]


def all_commands() -> list[Callable[..., Any]]:
    """Return every command function."""
    return declared_in(
        system,
        datasets,
        training,
        prior,
        trying,
        models,
        library,
        codes,
        grids,
        documents,
        editing,
        varying,
        templates,
        blending,
        comparing,
        rendering,
        play,
        provenance,
        midi,
        state,
    )
