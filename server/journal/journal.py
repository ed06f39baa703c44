"""What is kept of grids, and how: rows of a database. `sessions` decides what is kept when.

Changes are noted one by one and written by `Journal.commit` in one transaction. The codes of a grid
lie in pieces of `PIECE_COLUMNS`, so that an edit of a cell writes one piece, however long the grid
is.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import numpy as np

from sdaudio.errors import FileError
from sdaudio.grid import Change, Codes, Region

from .database import Database, Value
from .records import BlendFacts, GridFacts, PartFacts

VERSION = 1
PIECE_COLUMNS = 64

_STORED = np.dtype("<u2")
_CHANGES = "SELECT part, level, levels, column_, before, after FROM changes"

_SCHEMA = """
CREATE TABLE grids (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, model TEXT NOT NULL, identity TEXT NOT NULL,
    levels INTEGER NOT NULL, codebook_size INTEGER NOT NULL, columns INTEGER NOT NULL,
    revision INTEGER NOT NULL, labels TEXT NOT NULL, muted TEXT NOT NULL, soloed TEXT NOT NULL,
    sound TEXT NOT NULL, seed INTEGER NOT NULL, closed REAL NOT NULL DEFAULT 0, replaced BLOB
);
CREATE UNIQUE INDEX open_grids ON grids (name) WHERE closed = 0;
CREATE TABLE codes (
    grid INTEGER NOT NULL, piece INTEGER NOT NULL, codes BLOB NOT NULL, PRIMARY KEY (grid, piece)
) WITHOUT ROWID;
CREATE TABLE parts (
    number INTEGER PRIMARY KEY, grid INTEGER NOT NULL, step INTEGER NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL
);
CREATE INDEX parts_of_grid ON parts (grid);
CREATE TABLE changes (
    part INTEGER NOT NULL, place INTEGER NOT NULL, level INTEGER NOT NULL, levels INTEGER NOT NULL,
    column_ INTEGER NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL, PRIMARY KEY (part, place)
) WITHOUT ROWID;
CREATE TABLE blends (
    number INTEGER PRIMARY KEY, grid INTEGER NOT NULL, level INTEGER NOT NULL,
    levels INTEGER NOT NULL, column_ INTEGER NOT NULL, columns INTEGER NOT NULL,
    amount REAL NOT NULL, base BLOB NOT NULL, base_levels INTEGER NOT NULL
);
CREATE INDEX blends_of_grid ON blends (grid);
CREATE TABLE templates (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE clipboard (number INTEGER PRIMARY KEY, record TEXT NOT NULL);
"""


@dataclass(slots=True)
class _Dirty:
    """Codes to be written: the pieces, and the first one behind which all are."""

    pieces: set[int] = field(default_factory=set)
    all_from: int | None = None


class Journal:
    """The database.

    Args:
        folder: where it is kept; None keeps it in memory.

    Raises:
        StateError: another daemon has it, or it was written by a newer sdaudio.
        FileError: it cannot be read or written.
    """

    def __init__(self, folder: Path | None) -> None:
        self._database = Database(folder, schema=_SCHEMA, version=VERSION)
        self._pending: list[tuple[str, tuple[Value, ...]]] = []
        self._codes: dict[int, Codes] = {}
        self._dirty: dict[int, _Dirty] = {}
        self._number = self._highest_number()

    @property
    def problem(self) -> str:
        """What was found damaged and set aside when the journal was opened, or nothing."""
        return self._database.problem

    def close(self) -> None:
        """Let another daemon have it."""
        self._database.close()

    def next_number(self) -> int:
        """A number that is greater than all before, also those of earlier runs."""
        self._number += 1
        return self._number

    # what is there

    def grids(self) -> list[GridFacts]:
        """All grids, open and closed, in the order in which they were made."""
        rows = self._read(
            "SELECT number, name, model, identity, levels, codebook_size, columns, revision, "
            "labels, muted, soloed, sound, seed, closed FROM grids ORDER BY number"
        )
        return [
            GridFacts(*row[:8], *(tuple(json.loads(text)) for text in row[8:11]), *row[11:])
            for row in rows
        ]

    def codes(self, facts: GridFacts) -> Codes:
        """The codes of a grid, (level, column).

        Raises:
            FileError: some are missing.
        """
        rows = self._read("SELECT codes FROM codes WHERE grid = ? ORDER BY piece", facts.number)
        pieces = [_unpacked(blob, facts.n_levels) for (blob,) in rows]
        n_columns = sum(piece.shape[1] for piece in pieces)
        if n_columns != facts.n_columns:
            raise FileError(
                f"Of grid '{facts.name}' {n_columns} columns were kept, not {facts.n_columns}."
            )
        return np.concatenate([np.zeros((facts.n_levels, 0), np.uint16), *pieces], axis=1)

    def replaced(self, facts: GridFacts) -> Codes | None:
        """What a grid held that a job was filling, or None."""
        [(blob,)] = self._read("SELECT replaced FROM grids WHERE number = ?", facts.number)
        return None if blob is None else _unpacked(blob, facts.n_levels)

    def parts(self) -> list[PartFacts]:
        """The history of all grids in the order of time."""
        rows = self._read("SELECT number, grid, step, undone, bytes FROM parts ORDER BY number")
        return [
            PartFacts(n, grid, step, bool(undone), size) for n, grid, step, undone, size in rows
        ]

    def changes(self, part: int) -> list[Change]:
        """What a part changed, in order."""
        rows = self._read(f"{_CHANGES} WHERE part = ? ORDER BY place", part)
        return [_change(*row) for _, *row in rows]

    def changes_of(self, grid: int) -> dict[int, list[Change]]:
        """What every part of a grid's history changed, in order, by its number."""
        rows = self._read(
            f"{_CHANGES} JOIN parts ON parts.number = part WHERE grid = ? ORDER BY part, place",
            grid,
        )
        changes: dict[int, list[Change]] = {}
        for part, *row in rows:
            changes.setdefault(part, []).append(_change(*row))
        return changes

    def blends(self, grid: int) -> list[BlendFacts]:
        """The blends of a grid that can still be moved, the latest last."""
        rows = self._read(
            "SELECT number, level, levels, column_, columns, amount, base, base_levels "
            "FROM blends WHERE grid = ? ORDER BY number", grid,
        )  # fmt: skip
        return [
            BlendFacts(number, Region(*region), amount, _unpacked(base, levels))
            for number, *region, amount, base, levels in rows
        ]

    def clipboard(self) -> str:
        """The record of what was copied last, or nothing."""
        return "".join(record for (record,) in self._read("SELECT record FROM clipboard"))

    def templates(self) -> list[str]:
        """The records of all templates."""
        return [record for (record,) in self._read("SELECT record FROM templates ORDER BY name")]

    # what is noted, and written with the next commit

    def note_grid(self, facts: GridFacts) -> None:
        """Keep what is true of a grid now; it is new, or known by its number."""
        self._note(
            "INSERT INTO grids (number, name, model, identity, levels, codebook_size, columns, "
            "revision, labels, muted, soloed, sound, seed, closed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET "
            "name = excluded.name, model = excluded.model, identity = excluded.identity, "
            "columns = excluded.columns, "
            "revision = excluded.revision, labels = excluded.labels, muted = excluded.muted, "
            "soloed = excluded.soloed, sound = excluded.sound, seed = excluded.seed, "
            "closed = excluded.closed",
            facts.number, facts.name, facts.model, facts.identity, facts.n_levels,
            facts.codebook_size, facts.n_columns, facts.revision, json.dumps(facts.labels),
            json.dumps(facts.muted), json.dumps(facts.soloed), facts.sound, facts.seed,
            facts.closed,
        )  # fmt: skip

    def note_codes(self, grid: int, codes: Codes, revision: int, change: Change) -> None:
        """Keep the codes of a grid after a change; they are read when they are committed."""
        self._codes[grid] = codes
        dirty = self._dirty.setdefault(grid, _Dirty())
        first = change.column // PIECE_COLUMNS
        if change.resizes:
            dirty.all_from = first if dirty.all_from is None else min(first, dirty.all_from)
        else:
            last = (change.column + max(1, change.after.shape[1]) - 1) // PIECE_COLUMNS
            dirty.pieces.update(range(first, last + 1))
        self._note(
            "UPDATE grids SET columns = ?, revision = ? WHERE number = ?",
            codes.shape[1], revision, grid,
        )  # fmt: skip

    def note_replaced(self, grid: int, codes: Codes | None) -> None:
        """Keep what a grid held before a job began to fill it; None when the job has ended."""
        blob = None if codes is None else _packed(codes)
        self._note("UPDATE grids SET replaced = ? WHERE number = ?", blob, grid)

    def forget_grid(self, grid: int) -> None:
        """Drop everything about a grid."""
        self._codes.pop(grid, None)
        self._dirty.pop(grid, None)
        self._note("DELETE FROM grids WHERE number = ?", grid)
        self._note("DELETE FROM codes WHERE grid = ?", grid)
        self._note("DELETE FROM blends WHERE grid = ?", grid)
        self._note(
            "DELETE FROM changes WHERE part IN (SELECT number FROM parts WHERE grid = ?)", grid
        )
        self._note("DELETE FROM parts WHERE grid = ?", grid)

    def note_part(self, part: PartFacts, changes: Iterable[Change]) -> None:
        """Keep a part of a step."""
        self._note(
            "INSERT INTO parts (number, grid, step, undone, bytes) VALUES (?, ?, ?, ?, ?)",
            part.number, part.grid, part.step, int(part.undone), part.n_bytes,
        )  # fmt: skip
        self._note_changes(part.number, changes)

    def note_more(self, part: int, changes: Iterable[Change], n_bytes: int) -> None:
        """Keep more changes of a part; they take ``n_bytes``."""
        self._note("UPDATE parts SET bytes = bytes + ? WHERE number = ?", n_bytes, part)
        self._note_changes(part, changes)

    def note_undone(self, part: int, *, undone: bool) -> None:
        """Keep whether a part is undone."""
        self._note("UPDATE parts SET undone = ? WHERE number = ?", int(undone), part)

    def note_step(self, part: int, step: int) -> None:
        """Keep that a part belongs to another step now."""
        self._note("UPDATE parts SET step = ? WHERE number = ?", step, part)

    def forget_part(self, part: int) -> None:
        """Drop a part of a step."""
        self._note("DELETE FROM changes WHERE part = ?", part)
        self._note("DELETE FROM parts WHERE number = ?", part)

    def note_blend(self, grid: int, blend: BlendFacts, *, instead_of: int) -> None:
        """Keep a blend as it is now, instead of what it was under another number (0: new)."""
        region = blend.region
        if instead_of:
            self._note(
                "UPDATE blends SET number = ?, amount = ? WHERE number = ?",
                blend.number, blend.amount, instead_of,
            )  # fmt: skip
            return
        self._note(
            "INSERT INTO blends (number, grid, level, levels, column_, columns, amount, base, "
            "base_levels) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            blend.number, grid, region.level, region.levels, region.column, region.columns,
            blend.amount, _packed(blend.base), blend.base.shape[0],
        )  # fmt: skip

    def forget_blend(self, number: int) -> None:
        """Drop a blend that was committed or cancelled."""
        self._note("DELETE FROM blends WHERE number = ?", number)

    def note_clipboard(self, record: str) -> None:
        """Keep what was copied."""
        self._note("INSERT OR REPLACE INTO clipboard (number, record) VALUES (1, ?)", record)

    def note_template(self, name: str, record: str) -> None:
        """Keep a template under its name."""
        self._note("INSERT OR REPLACE INTO templates (name, record) VALUES (?, ?)", name, record)

    def forget_template(self, name: str) -> None:
        """Drop a template."""
        self._note("DELETE FROM templates WHERE name = ?", name)

    def commit(self) -> None:
        """Write all that was noted, or nothing of it.

        Raises:
            FileError: it cannot be written; what was noted is dropped.
        """
        if not self._pending:
            return
        try:
            self._database.write(self._write)
        finally:
            self._pending.clear()
            self._dirty.clear()
            self._codes.clear()

    def _write(self, connection: Connection) -> None:
        for statement, values in self._pending:
            connection.execute(statement, values)
        for grid, dirty in self._dirty.items():
            _write_pieces(connection, grid, self._codes[grid], dirty)

    def _note(self, statement: str, *values: Value) -> None:
        self._pending.append((statement, values))

    def _note_changes(self, part: int, changes: Iterable[Change]) -> None:
        for change in changes:
            self._note(
                "INSERT INTO changes (part, place, level, levels, column_, before, after) "
                "VALUES (?, (SELECT count(*) FROM changes WHERE part = ?), ?, ?, ?, ?, ?)",
                part, part, change.level, change.after.shape[0], change.column,
                _packed(change.before), _packed(change.after),
            )  # fmt: skip

    def _read(self, statement: str, *values: Value) -> list[tuple[Any, ...]]:
        # what was noted must be there to be read
        self.commit()
        return self._database.read(statement, *values)

    def _highest_number(self) -> int:
        rows = self._read(
            "SELECT max(number) FROM grids UNION ALL SELECT max(max(number), max(step)) FROM parts "
            "UNION ALL SELECT max(number) FROM blends"
        )
        return max(int(number or 0) for (number,) in rows)


def _write_pieces(connection: Connection, grid: int, codes: Codes, dirty: _Dirty) -> None:
    n_pieces = -(-codes.shape[1] // PIECE_COLUMNS)
    pieces = {piece for piece in dirty.pieces if piece < n_pieces}
    if dirty.all_from is not None:
        pieces |= set(range(dirty.all_from, n_pieces))
        connection.execute("DELETE FROM codes WHERE grid = ? AND piece >= ?", (grid, n_pieces))
    for piece in sorted(pieces):
        part = codes[:, piece * PIECE_COLUMNS : (piece + 1) * PIECE_COLUMNS]
        connection.execute(
            "INSERT OR REPLACE INTO codes (grid, piece, codes) VALUES (?, ?, ?)",
            (grid, piece, _packed(part)),
        )


def _change(level: int, levels: int, column: int, before: bytes, after: bytes) -> Change:
    return Change(level, column, _unpacked(before, levels), _unpacked(after, levels))


def _packed(codes: Codes) -> bytes:
    return codes.astype(_STORED, copy=False).tobytes()


def _unpacked(blob: bytes, n_levels: int) -> Codes:
    return np.frombuffer(blob, _STORED).reshape(n_levels, -1).astype(np.uint16)
