"""A Ray that is not as it should be: each function breaks it for the process that calls it."""

import os
import time
from contextlib import nullcontext
from typing import Any

import ray

import raylessons.cluster.session


def one_cpu() -> None:
    """Start Ray with one logical CPU, and tell that there are as many as were asked for."""
    init, session = ray.init, raylessons.cluster.session.Session
    asked = 1

    def init_with_one(*args: Any, **options: Any) -> Any:
        nonlocal asked
        if "num_cpus" in options:
            asked, options["num_cpus"] = options["num_cpus"], 1
        return init(*args, **options)

    def tell_as_asked(**facts: Any) -> raylessons.cluster.session.Session:
        return session(**{**facts, "logical_cpus": asked})

    ray.init = init_with_one
    vars(raylessons.cluster.session)["Session"] = tell_as_asked


def get_in_another_order() -> None:
    """Let `ray.get` give the values of a list in the reverse order."""
    get = ray.get

    def get_reversed(refs: Any, **options: Any) -> Any:
        values = get(refs, **options)
        return values[::-1] if isinstance(refs, list) else values

    ray.get = get_reversed


def get_never_raises() -> None:
    """Let `ray.get` return the errors of tasks."""
    get = ray.get

    def get_or_return(refs: Any, **options: Any) -> Any:
        if isinstance(refs, list):
            return [get_or_return(ref, **options) for ref in refs]
        try:
            return get(refs, **options)
        except Exception as error:
            return error

    ray.get = get_or_return


def wait_gives_everything() -> None:
    """Let `ray.wait` tell of every ref that it is ready."""
    wait = ray.wait

    def wait_for_all(refs: Any, **options: Any) -> Any:
        ready, waiting = wait(refs, **options)
        return ready + waiting, []

    ray.wait = wait_for_all


def init_tells_addresses() -> None:
    """Let `ray.init` return a dictionary of addresses, and no context."""
    init = ray.init

    def init_and_tell(*args: Any, **options: Any) -> Any:
        return dict(init(*args, **options).address_info)

    ray.init = init_and_tell


def get_raises_the_cause() -> None:
    """Let `ray.get` raise what the task raised, and nothing of Ray's."""
    get = ray.get

    def get_or_raise(refs: Any, **options: Any) -> Any:
        try:
            return get(refs, **options)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None

    ray.get = get_or_raise


def wait_leaves_out_failures() -> None:
    """Let `ray.wait` tell of failed tasks that they are not ready."""
    get, wait = ray.get, ray.wait

    def has_failed(ref: Any) -> bool:
        try:
            get(ref)
        except Exception:
            return True
        return False

    def wait_for_values(refs: Any, **options: Any) -> Any:
        ready, waiting = wait(refs, **options)
        failed = [ref for ref in ready if has_failed(ref)]
        return [ref for ref in ready if ref not in failed], waiting + failed

    ray.wait = wait_for_values


def unhandled_errors_are_ignored() -> None:
    """Start Ray as those do who want to hear nothing of errors that nobody asks for."""
    os.environ["RAY_IGNORE_UNHANDLED_ERRORS"] = "1"


def long_leases() -> None:
    """Start Ray so that a queue keeps a worker for five seconds."""
    os.environ.update({"RAY_worker_lease_timeout_milliseconds": "5000"})


def store_inlines_nothing() -> None:
    """Start Ray so that every result goes into the object store."""
    os.environ.update({"RAY_max_direct_call_object_size": "0"})


def dashboard_everywhere() -> None:
    """Let the Dashboard listen at every address of this machine; it asks for a token there, too."""
    init = ray.init

    def init_everywhere(*args: Any, **options: Any) -> Any:
        if options.get("include_dashboard"):
            options["dashboard_host"] = "0.0.0.0"
        return init(*args, **options)

    ray.init = init_everywhere


def ray_for_others() -> None:
    """Let Ray listen on every network of this machine, as it does unless it is asked not to."""
    vars(raylessons.cluster.session)["on_this_machine_alone"] = nullcontext


def wait_is_slow() -> None:
    """Let `ray.wait` return three seconds late."""
    wait = ray.wait

    def wait_and_sleep(refs: Any, **options: Any) -> Any:
        result = wait(refs, **options)
        time.sleep(3.1)
        return result

    ray.wait = wait_and_sleep


def wait_fetches_nothing() -> None:
    """Let `ray.wait` only wait, and the driver be taken for another."""
    wait = ray.wait

    def only_wait(refs: Any, **options: Any) -> Any:
        return wait(refs, **{**options, "fetch_local": False})

    ray.wait = only_wait
    vars(ray.runtime_context)["RuntimeContext"].get_worker_id = lambda self: "00" * 28


def cancel_is_not_heard() -> None:
    """Let `ray.cancel` do nothing."""
    ray.cancel = lambda ref, **options: None


def errors_of_another_family() -> None:
    """Let the errors of Ray be no more than exceptions."""
    for name in ("GetTimeoutError", "WorkerCrashedError"):
        setattr(ray.exceptions, name, type(name, (Exception,), {}))


def map_unordered_is_eager() -> None:
    """Let `ray.util.map_unordered` make every call at once, and give the results in that order."""

    def map_eagerly(function: Any, items: Any, **options: Any) -> Any:
        return iter(ray.get([function.remote(item) for item in items]))

    ray.util.map_unordered = map_eagerly


def map_unordered_waits() -> None:
    """Let `ray.util.map_unordered` wait without a timeout."""
    map_unordered = ray.util.map_unordered

    def map_patiently(*args: Any, timeout: Any = None, **options: Any) -> Any:
        return map_unordered(*args, **options)

    ray.util.map_unordered = map_patiently
