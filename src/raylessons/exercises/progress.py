"""What a reader has passed and which mistake came last, kept from one check to the next."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from raylessons.exercises.verdicts import Verdict


def progress_file() -> Path:
    """Return where progress is kept: in the folder that the system has for a program's state."""
    return user_state_path("raylessons") / "progress.json"


@dataclass
class Progress:
    """The exercises that were passed, and the last mistake made in each of the others.

    A file that is damaged or cannot be written costs a remark and nothing else.
    """

    path: Path
    passed: set[int] = field(default_factory=set)
    mistakes: dict[int, tuple[str, int]] = field(default_factory=dict)  # and how often in a row
    remarks: list[str] = field(default_factory=list)  # what went wrong with the file

    @classmethod
    def read(cls, path: Path) -> "Progress":
        """Read what the file holds; nothing was passed where there is none."""
        progress = cls(path)
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            progress.passed = {_number(each) for each in kept["passed"]}
            progress.mistakes = {
                _number(int(number)): (str(mistake), _number(times))
                for number, (mistake, times) in kept["mistakes"].items()
            }
        except FileNotFoundError:
            pass
        except OSError as error:
            progress.remarks.append(f"Your progress cannot be read: {path}: {error.strerror}.")
        # Whatever somebody wrote there: a list for an object, deep brackets, letters for numbers.
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            progress = cls(path)
            progress.remarks.append(
                f"{path} is damaged, and counts as empty: the next check replaces it."
            )
        return progress

    def note(self, number: int, verdict: Verdict) -> int:
        """Keep a verdict; return how often in a row its mistake was made, 0 where it passed."""
        before, times = self.mistakes.pop(number, ("", 0))
        if verdict.passed:
            self.passed.add(number)
            times = 0
        else:
            mistake = verdict.mistake or ""
            times = times + 1 if mistake == before else 1
            self.mistakes[number] = (mistake, times)
        self._write()
        return times

    def forget(self) -> bool:
        """Delete the file; tell whether there was one. Raises `OSError` where that fails."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _write(self) -> None:
        kept: dict[str, Any] = {"passed": sorted(self.passed), "mistakes": self.mistakes}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # In one step: a check that is interrupted meanwhile leaves the file as it was.
            draft = self.path.with_suffix(f".{os.getpid()}.json")
            draft.write_text(json.dumps(kept), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            self.remarks.append(f"Your progress is not kept: {self.path}: {error.strerror}.")


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    return value
