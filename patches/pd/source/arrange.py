"""Lays out the boxes of a group as a person would: sources on top, each box below what feeds it.

Every box goes one row below the lowest of the boxes that it hears, wires that lead back left out,
and as far left as the outlet that feeds it and its neighbours let it. Groups stand beside each
other, left to right, then in further rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from document import Box, Group, Patch

LETTER_WIDTH, LINE_HEIGHT, BOX_HEIGHT = 7, 15, 20
ROW_GAP, BOX_GAP, GROUP_GAP_X, GROUP_GAP_Y = 10, 16, 40, 30
PAGE_WIDTH = 1150


def arrange(patch: Patch, *, top: int) -> tuple[int, int]:
    """Give the boxes of all groups their places below ``top``; return the page's size."""
    x = left = 20
    y, row_height, right_edge = top, 0, 0
    for group in patch.groups:
        width, height = _lay_out(group, patch)
        if x > left and x + width > PAGE_WIDTH:
            x, y, row_height = left, y + row_height + GROUP_GAP_Y, 0
        for box in group.boxes:
            box.x, box.y = box.x + x, box.y + y
        x += width + GROUP_GAP_X
        row_height = max(row_height, height)
        right_edge = max(right_edge, x)
    return right_edge, y + row_height + 20


def _lay_out(group: Group, patch: Patch) -> tuple[int, int]:
    """Place a group's boxes from (0, 0) on; return its width and height."""
    title, boxes = group.boxes[:1], group.boxes[1:]
    y = title[0].height + 8
    title[0].x = title[0].y = 0
    inside = {id(box) for box in boxes}
    wires = [
        (out.box, out.index, into.box)
        for out, into in patch.wires
        if id(out.box) in inside and id(into.box) in inside
    ]
    ranks = _ranks(boxes, [(a, b) for a, _, b in wires])
    width = title[0].width
    for rank in range(max(ranks.values(), default=-1) + 1):
        row = [box for box in boxes if ranks[id(box)] == rank]
        wanted = {id(box): _wanted(box, wires, ranks) for box in row}
        row.sort(key=lambda box: wanted[id(box)])
        edge = 0
        for box in row:
            box.x, box.y = max(edge, int(wanted[id(box)])), y
            edge = box.x + box.width + BOX_GAP
        width = max(width, edge - BOX_GAP)
        y += max(box.height for box in row) + ROW_GAP
    return width, y


def _wanted(box: Box, wires: list[tuple[Box, int, Box]], ranks: dict[int, int]) -> float:
    """Return the x below the outlet of the nearest box above that feeds this one."""
    feeds = [
        (ranks[id(a)], a.x + min(outlet * 22, max(a.width - 10, 0)))
        for a, outlet, b in wires
        if b is box and ranks[id(a)] < ranks[id(box)]
    ]
    return max(feeds, key=lambda feed: feed[0])[1] if feeds else 0.0


def _ranks(boxes: list[Box], edges: list[tuple[Box, Box]]) -> dict[int, int]:
    following: dict[int, list[Box]] = {id(box): [] for box in boxes}
    for a, b in edges:
        following[id(a)].append(b)
    forward: list[tuple[int, int]] = []
    state: dict[int, int] = {}
    order: list[int] = []

    def visit(box: Box) -> None:
        state[id(box)] = 1
        for other in following[id(box)]:
            if state.get(id(other)) == 1:
                continue  # leads back
            forward.append((id(box), id(other)))
            if id(other) not in state:
                visit(other)
        state[id(box)] = 2
        order.append(id(box))

    fed = {id(b) for _, b in edges}
    for box in [*(b for b in boxes if id(b) not in fed), *boxes]:
        if id(box) not in state:
            visit(box)
    rank = dict.fromkeys(following, 0)
    place = {key: index for index, key in enumerate(reversed(order))}
    for a, b in sorted(forward, key=lambda edge: place[edge[0]]):
        rank[b] = max(rank[b], rank[a] + 1)
    # A box that nothing feeds stands right above what it feeds.
    for box in boxes:
        targets = [rank[b] for a, b in forward if a == id(box)]
        if id(box) not in fed and targets:
            rank[id(box)] = max(0, min(targets) - 1)
    return rank
