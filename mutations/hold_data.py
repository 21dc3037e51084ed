"""Break the page on holding data."""

from mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "values of another kind, an object too small to see, and holders that hold nothing",
        edits=(
            (
                '"an array": np.ones(1_000_000)',
                '"an array": [float(n) for n in range(1_000_000)]',
            ),
            ('"bytes": bytes(8_000_000)', '"bytes": np.ones(1_000_000)'),
            (
                '"a list of numbers": [float(n) for n in range(1_000_000)]',
                '"a list of numbers": [True] * 1_000_000',
            ),
            (
                'ref = ray.put(np.ones(1_000_000))\nlook("a ref in a variable")',
                'ref = ray.put(np.ones(1_000))\nlook("a ref in a variable")',
            ),
            ("running = use.remote(ref)", "running = use.remote(1)"),
            ("reader.keep.remote([ref])", "reader.keep.remote([ray.put(np.ones(1))])"),
        ),
        breaks=(
            "An array in one piece",
            "An array with gaps",
            "The list took more",
            "The array was there",
            "A ref held the object",
            "Without any ref",
            "A task held",
            "An actor that had kept",
            "An actor that had read",
        ),
    ),
    Mutation(
        "an array that is kept beside its copy, and what cannot be made again",
        edits=(
            ("few = few.copy()\n", "whole, few = few, few.copy()\n"),
            ("    def __reduce__(self):  #", "    def reduce(self):  #"),
            ("remote(array, n) for", "remote(np.ones(10), n) for"),
        ),
        breaks=(
            "With a copy of these",
            "An object that says how",
            "Both ways gave",
            "By value, each",
        ),
    ),
    Mutation(
        "files in the place of locks, a worker that knows, and no put",
        edits=(
            (
                "self.start, self.lock = start, threading.Lock()",
                "self.start, self.lock = start, open(os.devnull)",
            ),
            ("    with lock:\n        return 1", "    return 1"),
            ('open(os.devnull, "w")', "open(os.devnull)"),
            ("    return str(np.array([1 / 3]))", '    return "[0.33]"'),
            ("remote(ref, n) for", "remote(array, n) for"),
        ),
        breaks=(
            "A lock could not",
            "A function that uses",
            "Nor could a file",
            "What was set",
            "Put once, it was",
        ),
    ),
)
