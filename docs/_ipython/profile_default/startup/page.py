# Runs in the kernel of a page, before its first cell.
import os
import signal

# Ctrl+C's own exception: Ray's blocking calls end at no other.
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, float(os.environ["RAYLESSONS_PAGE_LIMIT_SECONDS"]))
del os, signal
