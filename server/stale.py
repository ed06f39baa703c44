"""Which columns of a grid sound different from what has been rendered: disjoint spans, in order."""

Span = tuple[int, int]


class StaleColumns:
    """A set of columns kept as spans [start, stop)."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def __bool__(self) -> bool:
        return bool(self._spans)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans, disjoint and in order."""
        return tuple(self._spans)

    def add(self, start: int, stop: int) -> None:
        """Add columns [start, stop)."""
        if start >= stop:
            return
        apart = [span for span in self._spans if span[1] < start or span[0] > stop]
        touching = [span for span in self._spans if span[1] >= start and span[0] <= stop]
        for first, last in touching:
            start, stop = min(start, first), max(stop, last)
        self._spans = sorted([*apart, (start, stop)])

    def remove(self, start: int, stop: int) -> None:
        """Remove columns [start, stop)."""
        kept: list[Span] = []
        for first, last in self._spans:
            kept += [(first, min(last, start)), (max(first, stop), last)]
        self._spans = [(first, last) for first, last in kept if first < last]

    def overlaps(self, start: int, stop: int) -> bool:
        """Whether any of columns [start, stop) is in the set."""
        return any(first < stop and start < last for first, last in self._spans)

    def first_within(self, start: int, stop: int) -> Span | None:
        """The first span of what [start, stop) and the set have in common."""
        for first, last in self._spans:
            if first < stop and start < last:
                return max(first, start), min(last, stop)
        return None

    def take(self, near: int, limit: int) -> Span:
        """Remove and return a span of ``limit`` columns at the most, beginning at ``near``.

        Where ``near`` is not in the set the span begins at the next column that is, and behind the
        last at the first.
        """
        after = [span for span in self._spans if span[1] > near]
        first, last = (after or self._spans)[0]
        start = max(first, near) if after else first
        stop = min(last, start + limit)
        self.remove(start, stop)
        return start, stop

    def splice(self, column: int, removed: int, inserted: int) -> None:
        """Follow a change of the grid: ``removed`` columns from ``column`` gave way to others.

        The inserted columns are not added.
        """
        end, shift = column + removed, inserted - removed
        self.remove(column, end)
        self._spans = [
            (first + shift, last + shift) if first >= end else (first, last)
            for first, last in self._cut_at(end)
        ]

    def _cut_at(self, column: int) -> list[Span]:
        parts: list[Span] = []
        for first, last in self._spans:
            if first < column < last:
                parts += [(first, column), (column, last)]
            else:
                parts.append((first, last))
        return parts
