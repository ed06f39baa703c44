"""Where a pattern sounds: on every nth place, or as evenly as whole steps allow."""


def euclid(hits: int, steps: int, *, rotation: int = 0) -> tuple[bool, ...]:
    """Spread hits over steps as evenly as possible.

    Bjorklund's algorithm, as Toussaint found it in the world's rhythms (2005, "The Euclidean
    algorithm generates traditional musical rhythms"): E(3, 8) is the tresillo, E(5, 8) the
    cinquillo.

    >>> "".join(".x"[hit] for hit in euclid(3, 8))
    'x..x..x.'

    Args:
        hits: 0 to ``steps``.
        steps: 1 or more.
        rotation: with which step it begins; 1 is the second one, negative counts from the end.

    Returns:
        Whether each step is a hit.
    """
    heads, tails = [[True]] * hits, [[False]] * (steps - hits)
    while len(tails) > 1 and heads:
        n_pairs = min(len(heads), len(tails))
        pairs = [head + tail for head, tail in zip(heads, tails, strict=False)]
        heads, tails = pairs, heads[n_pairs:] or tails[n_pairs:]
    pattern = [hit for group in heads + tails for hit in group]
    begin = rotation % steps
    return tuple(pattern[begin:] + pattern[:begin])
