"""The refs that functions and classes take along from around them, to wherever they run."""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from types import CodeType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import ray

from raylessons.cluster import private

MOST_LOOKED_AT = 1000  # values of a function's closure: a bigger list is looked at in part
DEEPEST = 3  # lists in lists that are looked through

Refs = tuple[Any, ...]


class Luggage:
    """What each remote function and actor class takes along, as far as it was submitted.

    Ray serializes a function or a class once in each cluster, and it carries the same refs ever
    after, whatever becomes of the names around it.
    """

    def __init__(self) -> None:
        self._cluster: object = None
        self._ids: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()

    def check_cluster(self) -> None:
        """Forget what was taken along to another cluster than the one at hand."""
        cluster = private.current_cluster()
        if cluster != self._cluster:
            self._cluster = cluster
            self._ids.clear()

    def ids_of(self, what: Any, serialized_ids: Collection[str]) -> tuple[str, ...]:
        """Return the ids of the refs that a remote function or an actor class takes along.

        `serialized_ids` are those that Ray met in it just now, if it was its turn.
        """
        known = self._ids.get(what)
        if known is None or serialized_ids:
            around = hex_ids(_refs_around(what))
            known = tuple(dict.fromkeys((*(known or ()), *serialized_ids, *around)))
            self._ids[what] = known
        return known


def carried_refs(function: Callable[..., Any]) -> Refs:
    """Return the refs that a function takes along from around it: from its closure and globals.

    >>> carried_refs(len)
    ()
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return ()
    cells = getattr(function, "__closure__", None) or ()
    names = getattr(function, "__globals__", {})
    around = [names[name] for name in _names_in(code) if name in names]
    around += [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in cells:
        try:
            around.append(cell.cell_contents)
        except ValueError:  # it is filled later
            continue
    return tuple(dict.fromkeys(_refs_within(around, DEEPEST)))


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):  # a function within the function
            yield from _names_in(constant)


def _refs_around(what: Any) -> Refs:
    if hasattr(what, "_function"):
        return carried_refs(what._function)
    methods = inspect.getmembers(what.__ray_metadata__.modified_class, inspect.isfunction)
    # Ray wraps the methods where it traces calls.
    return tuple(ref for _, method in methods for ref in carried_refs(inspect.unwrap(method)))


def _refs_within(values: Iterable[Any], depth: int) -> Iterator[Any]:
    for number, value in enumerate(values):
        if number >= MOST_LOOKED_AT:
            return
        if isinstance(value, ray.ObjectRef):
            yield value
        elif depth and isinstance(value, list | tuple | set | frozenset):
            yield from _refs_within(value, depth - 1)
        elif depth and isinstance(value, dict):
            yield from _refs_within(value.values(), depth - 1)
        elif depth and not isinstance(value, ModuleType | type) and hasattr(value, "__dict__"):
            yield from _refs_within(vars(value).values(), depth - 1)


def hex_ids(refs: Refs) -> tuple[str, ...]:
    """Return the ids of refs, as text."""
    return tuple([ref.hex() for ref in refs])
