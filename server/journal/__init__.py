"""Grids, their history and what was copied, on disk: nothing acknowledged is lost."""

from .journal import Journal
from .records import BlendFacts, GridFacts, PartFacts

__all__ = ["BlendFacts", "GridFacts", "Journal", "PartFacts"]
