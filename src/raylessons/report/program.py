"""What a report is about."""

from dataclasses import dataclass

from raylessons.trace.records import Trace


@dataclass(frozen=True)
class Program:
    """A program that ran, and what is on record of it."""

    title: str  # such as the name of its script
    traces: tuple[Trace, ...]  # one for each time that it started or joined Ray
    began: str | None = None  # the local date and time, in ISO 8601
    ending: str | None = None  # a sentence, where it did not come to its end
    remarks: tuple[str, ...] = ()  # sentences on what could not be recorded
