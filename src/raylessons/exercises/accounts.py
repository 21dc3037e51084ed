"""An account that tasks pay to, whose calls end the worker that makes them."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import ray

from raylessons.cluster import private
from raylessons.exercises.ledger import DRIVER
from raylessons.exercises.methods import Method

FIRST_RECEIPT = 1001
MOST_DEATHS = 2  # of one task
METHODS = ("pay", "pay_once", "note", "has")


@dataclass(frozen=True)
class Death:
    """When a worker dies: the first task that comes so far loses its own."""

    call: int  # its number in this attempt of the task, from 1
    is_before: bool = False  # before the account hears of the call, and not after it
    again: bool = False  # only the worker of a task that has lost one


@dataclass(frozen=True)
class Entry:
    """A call that the account took."""

    method: str
    doer: str  # the task that made it, or the driver
    name: Any = None
    amount: Any = None
    receipt: int | None = None
    is_new: bool = False  # money was paid


@dataclass(frozen=True)
class Book:
    """All that an account knows of one answer."""

    entries: Sequence[Entry] = ()
    deaths: dict[str, int] = field(default_factory=dict)  # of workers, by task
    given_up: frozenset[str] = frozenset()  # tasks that never called after their last death

    @property
    def payments(self) -> list[Entry]:
        """Return the calls that paid something."""
        return [entry for entry in self.entries if entry.is_new]

    @property
    def refusals(self) -> list[Entry]:
        """Return the calls that paid nothing, since their name was known."""
        return [each for each in self.entries if each.method == "pay_once" and not each.is_new]

    def used(self, *methods: str) -> bool:
        """Tell whether one of these methods was called."""
        return any(entry.method in methods for entry in self.entries)


class Account:
    """The actor: it writes down who calls what, and says who is to die of it."""

    def __init__(self) -> None:
        self.begin("", ())

    def ready(self) -> None:
        """Show that it is there."""

    def begin(self, run: str, deaths: Sequence[Death]) -> None:
        """Forget all, and take the calls of this run alone."""
        self._run, self._due = run, list(deaths)
        self._entries: list[Entry] = []
        self._receipts: dict[Any, int] = {}  # of pay_once, by name
        self._noted: set[Any] = set()
        self._calls: dict[str, int] = {}  # of a task, in this attempt
        self._deaths: dict[str, int] = {}
        self._dead: set[str] = set()  # tasks that have not called since

    def end(self) -> Book:
        """Return what it has written down."""
        return Book(tuple(self._entries), self._deaths, frozenset(self._dead))

    def fate(self, run: str, doer: str) -> Death | None:
        """Tell a task's worker, which is about to call, whether it dies of that."""
        self._calls[doer] = self._calls.get(doer, 0) + 1
        self._dead.discard(doer)
        lost = self._deaths.get(doer, 0)
        for death in self._due if run == self._run and lost < MOST_DEATHS else ():
            if death.call == self._calls[doer] and (lost or not death.again):
                self._due.remove(death)
                self._dead.add(doer)
                self._calls[doer], self._deaths[doer] = 0, lost + 1
                return death
        return None

    def take(self, run: str, doer: str, method: str, *arguments: Any, **named: Any) -> Any:
        """Take a call of one of the methods that an answer knows."""
        return getattr(self, f"_{method}")(doer, *arguments, **named) if run == self._run else None

    def _pay(self, doer: str, amount: Any) -> int:
        receipt = self._next_receipt()
        self._entries.append(Entry("pay", doer, None, amount, receipt, is_new=True))
        return receipt

    def _pay_once(self, doer: str, name: Any, amount: Any) -> int:
        is_new = name not in self._receipts
        receipt = self._receipts.setdefault(name, self._next_receipt())
        self._entries.append(Entry("pay_once", doer, name, amount, receipt, is_new))
        return receipt

    def _note(self, doer: str, name: Any) -> None:
        self._entries.append(Entry("note", doer, name))
        self._noted.add(name)

    def _has(self, doer: str, name: Any) -> bool:
        self._entries.append(Entry("has", doer, name))
        return name in self._noted or name in self._receipts

    def _next_receipt(self) -> int:
        return FIRST_RECEIPT + len(self._entries)


@dataclass(frozen=True)
class Handle:
    """What an answer takes for the handle of the account."""

    actor: Any
    run: str

    def __getattr__(self, name: str) -> Method:
        """Return one of the methods that it has. In a worker whose time has come, it ends that."""
        if name not in METHODS:
            raise AttributeError(f"The actor 'Account' has no attribute {name!r}")
        return Method(name, partial(self._call, name))

    def _call(
        self, called: str, options: Mapping[str, Any], /, *arguments: Any, **named: Any
    ) -> Any:
        take = self.actor.take
        if not private.is_in_worker():
            return take.options(**options).remote(self.run, DRIVER, called, *arguments, **named)
        doer = private.current_task_id()
        death = ray.get(self.actor.fate.remote(self.run, doer))
        if death is None:
            return take.options(**options).remote(self.run, doer, called, *arguments, **named)
        if not death.is_before:
            ray.wait([take.remote(self.run, doer, called, *arguments, **named)])
        os.kill(os.getpid(), signal.SIGKILL)
        return None
