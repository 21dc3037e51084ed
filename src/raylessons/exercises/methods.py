"""Methods of actors as answers know them, each call of which is heard."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Method:
    """A method of a handle: `call` gets the options and the arguments of each `.remote()`.

    >>> add = Method("add", lambda options, *numbers: (options, sum(numbers)))
    >>> add.remote(1, 2), add.options(num_returns=0).remote(3)
    (({}, 3), ({'num_returns': 0}, 3))
    """

    name: str
    call: Callable[..., Any]
    given: Mapping[str, Any] = field(default_factory=dict)

    def remote(self, /, *arguments: Any, **named: Any) -> Any:
        """Call it, and return what the call returns."""
        return self.call(self.given, *arguments, **named)

    def options(self, /, **options: Any) -> "Method":
        """Return the same method with options of Ray's."""
        return Method(self.name, self.call, {**self.given, **options})

    def __call__(self, *_: Any, **__: Any) -> None:
        """Refuse, in the words of Ray's own methods."""
        raise TypeError(
            "Actor methods cannot be called directly. "
            f"Instead of running 'object.{self.name}()', try 'object.{self.name}.remote()'."
        )
