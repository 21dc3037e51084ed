# Runs in the kernel of a page, before its first cell.
import os
import signal

_page_limit_seconds = os.environ["RAYLESSONS_PAGE_LIMIT_SECONDS"]


def _stop_page(signal_number, frame):
    raise TimeoutError(
        f"this page ran past its limit of {_page_limit_seconds} seconds. "
        "Make its cells quicker, or raise RAYLESSONS_PAGE_LIMIT_SECONDS."
    )


signal.signal(signal.SIGALRM, _stop_page)
signal.setitimer(signal.ITIMER_REAL, float(_page_limit_seconds))
del os, signal
