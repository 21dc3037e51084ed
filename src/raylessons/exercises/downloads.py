"""Downloads that end only when somebody has seen how many of them run at once.

A server of the exercise holds each download. An usher in the program looks on: as soon as as many
run as may and should, and no other begins, it lets one of them end. So one after another is seen
as such, and so is one too many, however slow the machine is. It counts turns, its own and those
of the event loop that the downloads run in, and no seconds.
"""

import asyncio
import functools
import gc
import inspect
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

import ray

from raylessons.cluster import private
from raylessons.exercises.deadlines import line_text

TURN_SECONDS = 0.02
# What an actor has been asked for begins at the next turn of its loop.
CALM_TURNS = 4
# So many turns, of the usher and of the loop, without anything new: nothing more begins.
STALLED_TURNS, STALLED_LOOP_TURNS = 75, 50
# So many, of the usher and of a thread beside the loop, without any turn of the loop, or without
# any download: it does not go on by itself.
DEAD_TURNS = 150
LOOK_TURNS = 100  # in which a process tells what it holds
LONGEST_SECONDS = 60.0  # where the program that would let a download end has been killed


@dataclass(frozen=True)
class Loading:
    """A download that was begun, and by whom."""

    place: str
    url: str
    task_id: str | None = None  # None: a process that runs no tasks
    actor_id: str | None = None
    is_async: bool = False  # the actor is an async one


@dataclass(frozen=True)
class Sight:
    """What the usher sees in one turn, of all processes."""

    loadings: tuple[Loading, ...] = ()
    running: tuple[str, ...] = ()  # their places, in the order of the urls
    turns: int = 0  # of the event loops
    ticks: int = 0  # of the threads that tell of them
    most: int = 0  # that ran at once in one process
    semaphores: int | None = None  # that one process has, if it was asked
    at_line: str | None = None  # where its loop is

    @property
    def ended(self) -> int:
        """Count those that have ended."""
        return len(self.loadings) - len(self.running)


@dataclass(frozen=True)
class Server:
    """What downloads come from, on whatever node: it travels with them."""

    pages: Mapping[str, str]  # by url
    file: str = ""  # of the answer
    name: str = field(default_factory=lambda: f"raylessons-{uuid4().hex}")

    async def load(self, url: str) -> str:
        """Return a page, once the usher lets it end."""
        page = self.pages[url]
        scene = _scene(self)
        place = scene.begin(url)
        try:
            while not scene.may_end(place):
                await asyncio.sleep(TURN_SECONDS)
        finally:
            scene.end(place)
        return page

    def read(self) -> Sight:
        """Return what all processes have told so far."""
        told = [json.loads(note) for note in private.read_notes(f"{self.name}/seen/").values()]
        looks = [each["look"] for each in told if each["look"]]
        loadings = [Loading(**each) for scene in told for each in scene["loadings"]]
        running = {place for scene in told for place in scene["running"]}
        in_order = sorted(loadings, key=lambda loading: list(self.pages).index(loading.url))
        return Sight(
            tuple(loadings),
            tuple(loading.place for loading in in_order if loading.place in running),
            sum(scene["turns"] for scene in told),
            sum(scene["ticks"] for scene in told),
            max((scene["most"] for scene in told), default=0),
            max((look["semaphores"] for look in looks), default=None),
            next((look["at_line"] for look in looks if look["at_line"]), None),
        )

    def say(self, **said: Any) -> None:
        """Tell all processes what may end, or what to do."""
        private.keep_note(f"{self.name}/said", json.dumps(said))

    def forget(self) -> None:
        """Let the cluster forget what was told: what was said is for those that are late."""
        private.forget_notes(f"{self.name}/seen/")


_scenes: dict[str, "Scene"] = {}  # of this process, by server
_scenes_lock = threading.Lock()


def _scene(server: Server) -> "Scene":
    with _scenes_lock:
        if server.name not in _scenes:
            _scenes[server.name] = Scene(server)
        return _scenes[server.name]


class Scene:
    """The downloads of one server in one process, and a thread that tells of them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._process = f"{os.getpid()}-{uuid4().hex[:8]}"
        self._lock = threading.Lock()
        self._loadings: list[Loading] = []
        self._running: list[str] = []
        self._turns = self._ticks = 0
        self._most = 0
        self._look: dict[str, Any] | None = None
        self._said: dict[str, Any] = {}
        self._loop_thread = 0
        self._actor = _own_actor()
        threading.Thread(target=self._tell_and_listen, daemon=True).start()

    def begin(self, url: str) -> str:
        """Note that a download has begun, and return its place."""
        with self._lock:
            place = f"{self._process}/{len(self._loadings)}"
            self._loadings.append(_loading(place, url))
            self._running.append(place)
            self._most = max(self._most, len(self._running))
            self._loop_thread = threading.get_ident()
            self._tell()
        return place

    def may_end(self, place: str) -> bool:
        """Tell whether a download may end. The oldest counts the turns of the loop."""
        with self._lock:
            self._turns += place == self._running[0]
            return bool(self._said.get("all")) or place in self._said.get("released", ())

    def end(self, place: str) -> None:
        """Note that a download has ended."""
        with self._lock:
            self._running.remove(place)
            self._tell()

    def _tell(self) -> None:
        told = {
            "loadings": [asdict(each) for each in self._loadings],
            "running": self._running,
            "turns": self._turns,
            "ticks": self._ticks,
            "most": self._most,
            "look": self._look,
        }
        private.keep_note(f"{self._server.name}/seen/{self._process}", json.dumps(told))

    def _tell_and_listen(self) -> None:
        until = time.monotonic() + LONGEST_SECONDS
        # Where Ray goes, there is nobody to tell.
        with suppress(Exception):
            while time.monotonic() < until and not (self._said.get("over") and not self._running):
                time.sleep(TURN_SECONDS)
                for note in private.read_notes(f"{self._server.name}/said").values():
                    self._said = json.loads(note)
                with self._lock:
                    self._ticks += 1
                    if self._said.get("look") and self._look is None:
                        self._look = self._look_around()
                    self._tell()
                if self._said.get("dead") and self._actor is not None:
                    ray.kill(self._actor)
        self._said = {"all": True}

    def _look_around(self) -> dict[str, Any]:
        semaphores = sum(isinstance(each, asyncio.Semaphore) for each in gc.get_objects())
        frame = sys._current_frames().get(self._loop_thread)
        while frame is not None and frame.f_code.co_filename != self._server.file:
            frame = frame.f_back
        at_line = line_text(self._server.file, frame.f_lineno) if frame is not None else None
        return {"semaphores": semaphores, "at_line": at_line}


def _own_actor() -> Any:
    if not private.is_in_worker() or not ray.get_runtime_context().get_actor_id():
        return None
    return ray.get_runtime_context().current_actor


def _loading(place: str, url: str) -> Loading:
    if not private.is_in_worker():
        return Loading(place, url)
    actor_id = ray.get_runtime_context().get_actor_id()
    return Loading(place, url, private.current_task_id(), actor_id, private.is_in_async_actor())


class Usher:
    """Lets downloads end, one after another, in an order that the answer does not know."""

    def __init__(self, server: Server, limit: int, chance: Random) -> None:
        self._server = server
        self._limit = limit
        self._chance = chance
        self._over = threading.Event()
        self._released: list[str] = []
        self._are_actors_ended = False
        self.most = 0  # that ran at once, as long as it was held to the limit
        self.short: Sight | None = None  # how it was when fewer ran than should
        self.begins_with_oldest = False  # others began when the oldest ended, and not before
        self.blocked: Sight | None = None  # how it was when the loop stood still
        self.stuck: Sight | None = None  # how it was when nothing ran, and nothing began
        self.semaphores: int | None = None
        self.at_line: str | None = None
        self.seen = Sight()

    def watching(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        """Return the answer, but watched."""

        @functools.wraps(answer)
        def watched(*arguments: Any) -> Any:
            thread = threading.Thread(target=self._watch, daemon=True)
            thread.start()
            value = None
            try:
                value = answer(*arguments)
            finally:
                if not inspect.iscoroutine(value):
                    self._end(thread)
            return self._after(value, thread) if inspect.iscoroutine(value) else value

        return watched

    def close(self) -> None:
        """Let everything end, whatever became of the answer, and keep what was seen."""
        self._over.set()
        self._server.say(all=True, over=True)
        self.seen = self._server.read()
        self._server.forget()

    async def _after(self, value: Awaitable[Any], thread: threading.Thread) -> Any:
        try:
            return await value
        finally:
            self._end(thread)

    def _end(self, thread: threading.Thread) -> None:
        self._over.set()
        thread.join()
        with suppress(Exception):  # the answer has ended Ray
            self._server.say(all=True, over=True)

    def _watch(self) -> None:
        # Where Ray goes, there is nothing to see.
        with suppress(Exception):
            stage = _Stage(self)
            while not self._over.wait(TURN_SECONDS) and not self._are_actors_ended:
                stage.take_turn(self._server.read())

    def release(self, place: str) -> None:
        """Let one download end."""
        self._released.append(place)
        self._server.say(released=self._released)

    def let_all_end(self) -> None:
        """Let all downloads end, those that begin later too."""
        self._server.say(released=self._released, all=True)

    def ask_around(self) -> None:
        """Ask the processes what they hold, and where they are."""
        self._server.say(released=self._released, look=True)
        for _ in range(LOOK_TURNS):
            if self._over.wait(TURN_SECONDS):
                break
            sight = self._server.read()
            if sight.semaphores is not None:
                self.semaphores, self.at_line = sight.semaphores, sight.at_line
                break

    def end_actors(self) -> None:
        """End the processes: what they wait for does not come."""
        self._are_actors_ended = True
        self._server.say(released=self._released, all=True, dead=True)

    @property
    def limit(self) -> int:
        """Return how many may run at once."""
        return self._limit

    @property
    def urls(self) -> int:
        """Count what there is to download."""
        return len(self._server.pages)

    def choose(self, running: Sequence[str]) -> str:
        """Choose which ends next: first the newest, and then any but the oldest."""
        return self._chance.choice(running[1:] or running) if self._released else running[-1]

    def is_released(self, place: str) -> bool:
        """Tell whether a download may end."""
        return place in self._released


class _Stage:
    """What the usher knows from one turn to the next."""

    def __init__(self, usher: Usher) -> None:
        self._usher = usher
        self._before: tuple[int, int] = (0, 0)
        self._calm = 0  # turns since something has begun or ended
        self._loop_turns_then = 0
        self._ticks_then = 0
        self._dead = 0  # turns since the loop has turned
        self._loop_turns_before = 0
        self._ticks_at_turn = 0
        self._is_judged = False  # all may end, and do, unless nothing goes on

    def take_turn(self, sight: Sight) -> None:
        """Let one download end, or all, if it is time."""
        usher = self._usher
        self._count(sight)
        if sight.running and self._is_dead(sight):
            usher.blocked = sight
        elif not sight.running and self._has_stopped(sight):
            usher.stuck = sight
        if usher.blocked or usher.stuck:
            usher.ask_around()
            usher.end_actors()
            return
        if self._is_judged:
            return
        usher.most = max(usher.most, sight.most, len(sight.running))
        is_calm = self._calm >= CALM_TURNS and self._loop_turns(sight) >= CALM_TURNS
        if sight.running and is_calm and not any(map(usher.is_released, sight.running)):
            self._judge(sight)

    def _judge(self, sight: Sight) -> None:
        usher, running = self._usher, len(sight.running)
        if usher.short is not None and len(sight.loadings) > len(usher.short.loadings):
            usher.begins_with_oldest = True
            self._let_all_end()
        elif running > usher.limit:
            usher.ask_around()
            self._let_all_end()
        elif len(sight.loadings) >= usher.urls:
            self._let_all_end()
        elif running == usher.limit:
            usher.release(usher.choose(sight.running))
        elif self._calm >= STALLED_TURNS and self._loop_turns(sight) >= STALLED_LOOP_TURNS:
            if usher.short is None and usher.most == usher.limit:
                usher.short = sight
                usher.release(sight.running[0])  # the oldest: does another begin now?
            else:
                usher.short = usher.short or sight
                self._let_all_end()

    def _let_all_end(self) -> None:
        self._is_judged = True
        self._usher.let_all_end()

    def _is_dead(self, sight: Sight) -> bool:
        return min(self._dead, sight.ticks - self._ticks_at_turn) >= DEAD_TURNS

    def _has_stopped(self, sight: Sight) -> bool:
        has_more = 0 < len(sight.loadings) < self._usher.urls
        return has_more and min(self._calm, sight.ticks - self._ticks_then) >= DEAD_TURNS

    def _loop_turns(self, sight: Sight) -> int:
        return sight.turns - self._loop_turns_then

    def _count(self, sight: Sight) -> None:
        now = (len(sight.loadings), sight.ended)
        if now != self._before:
            self._before, self._calm = now, 0
            self._loop_turns_then, self._ticks_then = sight.turns, sight.ticks
        else:
            self._calm += 1
        if sight.turns != self._loop_turns_before:
            self._dead = 0
            self._loop_turns_before, self._ticks_at_turn = sight.turns, sight.ticks
        else:
            self._dead += 1
