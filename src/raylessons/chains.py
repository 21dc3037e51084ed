"""The chain that bounds how fast a program can be, whatever it runs on."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter


def longest_chain(
    needs: Mapping[str, Sequence[str]], seconds: Mapping[str, float]
) -> tuple[str, ...]:
    """Return the names along the chain of needs that takes the most seconds, first to last.

    >>> needs = {"left": [], "right": [], "sum": ["left", "right"], "other": []}
    >>> longest_chain(needs, {"left": 1.0, "right": 3.0, "sum": 1.0, "other": 3.5})
    ('right', 'sum')

    A need without seconds takes none. Names that need each other in a circle, and what needs
    them, can never come about: they are on no chain. Of chains that take equally long, the one
    that comes first. It is the critical path of Kelley and Walker (1959), found in one pass over
    the names in the order of their needs.
    """
    order = TopologicalSorter(needs)
    with suppress(CycleError):  # what needs no circle is still given out
        order.prepare()
    ends: dict[str, float] = {}
    before: dict[str, str | None] = {}
    while order.is_active():
        for name in order.get_ready():
            last = max(needs.get(name, ()), key=ends.__getitem__, default=None)
            ends[name] = seconds.get(name, 0.0) + (0.0 if last is None else ends[last])
            before[name] = last
            order.done(name)
    chain: list[str] = []
    at = max(ends, key=ends.__getitem__, default=None)
    while at is not None:
        chain.append(at)
        at = before[at]
    return tuple(reversed(chain))
