"""Where Ray has its files, and what to do where it cannot have them there."""

from collections.abc import Iterator
from contextlib import contextmanager

# A socket's path has 107 bytes at most, of which Ray and the folder of a mini cluster use up to 83.
MOST_CHARACTERS = 24


@contextmanager
def files_explained() -> Iterator[None]:
    """Say what to do where an `OSError` other than a `ConnectionError` is raised inside.

    >>> with files_explained():
    ...     raise OSError("No space left on device")
    Traceback (most recent call last):
    OSError: Ray cannot have its files where it would: No space left on device. Let RAY_TMPDIR ...
    """
    try:
        yield
    except ConnectionError:
        raise
    except OSError as error:
        raise OSError(
            f"Ray cannot have its files where it would: {error}. Let RAY_TMPDIR name a folder with "
            "room, into which you may write, and whose path has at most "
            f"{MOST_CHARACTERS} characters. If it names your home folder, where Ray keeps its "
            "login token, let HOME name a folder of yours."
        ) from error
