"""Questions of any graph of tasks and objects: who made what, which comes first, what bounds it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter


def makers(
    returns: Iterable[tuple[str, Sequence[str]]], named: Iterable[tuple[str, str | None]]
) -> dict[str, str]:
    """Tell which task made each object, as {object id: task id}.

    `returns` are attempts at tasks with the ids of what they return, as far as that is known;
    `named` are objects with the task that each names as its maker. An object's own word counts
    for more, where the task that it names is on record.

    >>> makers([("t1", ["o1"]), ("t2", [])], [("o2", "t2"), ("o3", "gone"), ("o4", None)])
    {'o1': 't1', 'o2': 't2'}
    """
    known: set[str] = set()
    made_by: dict[str, str] = {}
    for task_id, made in returns:
        known.add(task_id)
        made_by.update(dict.fromkeys(made, task_id))
    for object_id, maker in named:
        if maker in known:
            made_by[object_id] = maker
    return made_by


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
    ends: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for name in (name for layer in _layers_of_what_can_be(needs) for name in layer):
        last = max(needs.get(name, ()), key=ends.__getitem__, default=None)
        ends[name] = seconds.get(name, 0.0) + (0.0 if last is None else ends[last])
        before[name] = last
    chain: list[str] = []
    at = max(ends, key=ends.__getitem__, default=None)
    while at is not None:
        chain.append(at)
        at = before[at]
    return tuple(reversed(chain))


def layers(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Sort names by how many must come before them, one layer for each number.

    >>> layers({"sum": ["left", "right"], "left": [], "right": [], "twice": ["sum"]})
    [['left', 'right'], ['sum'], ['twice']]

    Names that need each other in a circle, and what needs them, share the last layer.

    >>> layers({"first": [], "hen": ["egg"], "egg": ["hen"]})
    [['first'], ['hen', 'egg']]
    """
    found = [[name for name in layer if name in needs] for layer in _layers_of_what_can_be(needs)]
    placed = {name for layer in found for name in layer}
    circular = [name for name in needs if name not in placed]
    return [layer for layer in [*found, circular] if layer]


def _layers_of_what_can_be(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    order = TopologicalSorter(needs)
    with suppress(CycleError):  # what needs no circle is still given out
        order.prepare()
    places = {name: place for place, name in enumerate(needs)}
    found = []
    while order.is_active():
        ready = sorted(order.get_ready(), key=lambda name: places.get(name, len(places)))
        found.append(ready)
        order.done(*ready)
    return found
