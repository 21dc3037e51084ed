"""`predict`: a question that you answer before you see the outputs that answer it.

A page writes the question, and below it the options as terms, each with what to say to whoever
chose it. A question for a number names its unit, and its terms are figures that people come to; one
for an order names what is to be ordered, and its terms are orders that people come to:

    :::{predict} asked-again
    You ask for the same ref again. What happens?

    the task runs again
    : Asking runs nothing.

    you get the value that is there
    : It stays as long as you hold the ref.
    :::

    :::{predict} who-ends
    :order: A, B, C

    In which order do they end?

    A, B, C
    : So they were submitted, but C is the shortest.
    :::

What is right is typed nowhere: the page calls `raylessons.reveal("asked-again", ...)` when it has
run. The extensions that there are for questions (teachbooks-questions, sphinx-yaq) take the right
answer from the source, and hide no outputs.

Without scripts the options are a list, and the answer is folded away below it. `questions.js` makes
a form of them. The outputs of the cells from the question to its `reveal` wait for the answer then,
and so do the words and questions between them, and the paragraph that follows. The code of a cell
that gives the answer away waits, too, if it has the tag `code-waits`.
"""

import math
from collections.abc import Iterable, Iterator

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from raylessons.display import read_facts

logger = logging.getLogger(__name__)

# A number counts as right within this part of what was measured.
CLOSE = 0.25
NOT_KNOWN = -1  # in the place of an option or a figure
BETWEEN = ", "  # things that are to be ordered
# Two things are a choice, and who orders more than six tries rather than thinks.
LEAST_THINGS, MOST_THINGS = 3, 6

Right = str | float | list[str] | None  # as the cell of its page told it


class question(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """A question, its options and its answer; with what is right, once the page has run."""


class question_answer(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes so
    """What was right, and what to say of each option, folded away."""


class Predict(SphinxDirective):
    """`predict` and a name: a question with options, one for a number, or one for an order."""

    required_arguments = 1
    has_content = True
    option_spec = {  # noqa: RUF012 - docutils reads it so
        "unit": directives.unchanged_required,
        "order": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        *words, says = self.parse_content_to_nodes()
        first = words[0] if words else None
        if not isinstance(first, nodes.paragraph) or not isinstance(says, nodes.definition_list):
            raise self._refuse(
                "expected a question, and below it its options with what to say of each. Write "
                "each as a term and a definition."
            )
        first.insert(0, [nodes.strong("", "Predict:"), nodes.Text(" ")])
        unit, order = self.options.get("unit"), self.options.get("order")
        things = self._read_things(order) if order is not None else []
        names = [_text(thing) for thing in things]
        options = [item for item in says if isinstance(item, nodes.definition_list_item)]
        if unit is not None and order is not None:
            raise self._refuse("it has a unit and an order: expected one of them. Leave one out.")
        for option in options:
            self._check_term(_term(option), unit, names)
        asks = question(
            "", *words, name=self.arguments[0], unit=unit, order=names, page=self.env.docname
        )
        if things:
            asks += nodes.bullet_list("", *(_item(thing) for thing in things))
        elif unit is None:
            asks += nodes.enumerated_list(
                "",
                *(_item(_copied(option[0])) for option in options),
                enumtype="upperalpha",
                prefix="",
                suffix=".",
            )
        asks += question_answer("", says)
        self.set_source_info(asks)
        return [asks]

    def _read_things(self, order: str) -> list[list[nodes.Node]]:
        things = [self.parse_inline(thing)[0] for thing in order.split(BETWEEN)]
        names = [_text(thing) for thing in things]
        if len(set(names)) != len(names) or not MOST_THINGS >= len(names) >= LEAST_THINGS:
            raise self._refuse(
                f"it orders {names}: expected {LEAST_THINGS} to {MOST_THINGS} things that differ. "
                f"Write them with {BETWEEN!r} between them."
            )
        return things

    def _check_term(self, term: str, unit: str | None, names: list[str]) -> None:
        if unit is not None and not _is_figure(term):
            raise self._refuse(
                f"{term!r} is no figure: expected figures in a question with a unit. Leave the "
                "unit out, or write a number."
            )
        if names and sorted(term.split(BETWEEN)) != sorted(names):
            raise self._refuse(
                f"{term!r} is no order of {names}: expected each of them once. Write them with "
                f"{BETWEEN!r} between them."
            )

    def _refuse(self, problem: str) -> Exception:
        return self.error(f"predict {self.arguments[0]}: {problem}")


def _is_figure(term: str) -> bool:
    try:
        return math.isfinite(float(term))
    except ValueError:
        return False


def _copied(node: nodes.Node) -> list[nodes.Node]:
    return [child.deepcopy() for child in node.children]


def _item(words: list[nodes.Node]) -> nodes.list_item:
    return nodes.list_item("", nodes.paragraph("", "", *words))


def _text(words: list[nodes.Node]) -> str:
    return "".join(word.astext() for word in words)


def settle(app: Sphinx, doctree: nodes.document) -> None:
    """Tell each question what was right in this run, and let the outputs between wait for that."""
    open_ones: dict[str, question] = {}
    settled: list[str] = []  # those whose explanation is the paragraph that comes next
    names = set()
    for block in leaves(doctree):
        if isinstance(block, question):
            name = block["name"]
            if name in names:
                _warn(block, "there is another of this name on the page. Name it after its own.")
            names.add(name)
            _wait(block, open_ones)  # what it asks may tell what was right of the one before
            open_ones[name] = block
            continue
        explained = settled if isinstance(block, nodes.paragraph) else []
        if not isinstance(block, nodes.title):
            _wait(block, [*open_ones, *explained])
        settled = []
        for name, right in _revealed_in(block):
            if name in open_ones:
                _settle(open_ones.pop(name), right)
                settled.append(name)
            else:
                _warn(block, f"reveal tells of {name!r}, and no question above has that name.")
    for name, block in open_ones.items():
        _warn(block, f"it has no answer: expected reveal({name!r}, ...) in a cell below.")


def _wait(block: nodes.Element, names: Iterable[str]) -> None:
    if classes := [f"awaits-{name}" for name in names]:
        block["classes"] += ["awaits", *classes]


def leaves(parent: nodes.Element) -> Iterator[nodes.Element]:
    """Walk the titles, blocks and cells of a page in their order, in and out of its sections."""
    for child in parent.children:
        if isinstance(child, nodes.section):
            yield from leaves(child)
        elif isinstance(child, nodes.Element):
            yield child


def _revealed_in(cell: nodes.Element) -> list[tuple[str, Right]]:
    return [
        (record["question"], record["right"])
        for raw in cell.findall(nodes.raw)
        for kind, record in read_facts(raw.astext())
        if kind == "answer"
    ]


def _settle(asks: question, right: Right) -> None:
    options = next(asks.findall(nodes.definition_list))
    answer: list[nodes.Node]
    try:
        if right is None:
            asks["right"] = NOT_KNOWN
            answer = [_told(nodes.strong("", "not known"))]
        elif asks["order"]:
            answer = _settle_order(asks, right, options)
        elif asks["unit"] is not None:
            answer = _settle_number(asks, right, options)
        else:
            answer = _settle_choice(asks, right, options)
    except ValueError as problem:
        _warn(asks, str(problem))
    else:
        next(asks.findall(question_answer)).insert(0, answer)


def _settle_choice(
    asks: question, right: Right, options: nodes.definition_list
) -> list[nodes.Node]:
    found = [
        place for place, one in enumerate(options.children) if _term(one).startswith(str(right))
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} of its options begin with {right!r}, which was right.")
    asks["right"] = found[0]
    letter = nodes.strong("", f"{chr(ord('A') + found[0])}. ")
    return [_told(letter, *_copied(options.children[found[0]].children[0]))]


def _settle_number(
    asks: question, right: Right, options: nodes.definition_list
) -> list[nodes.Node]:
    if not isinstance(right, float):
        raise ValueError(f"{right!r} was right: expected a figure of {asks['unit']}. Reveal one.")
    asks["right"] = right
    for option in list(options.children):
        if is_close(float(_term(option)), right):
            options.remove(option)  # on another cluster, another figure is right
    return [_told(nodes.strong("", f"{right:.3g} {asks['unit']}"))]


def _settle_order(asks: question, right: Right, options: nodes.definition_list) -> list[nodes.Node]:
    names = asks["order"]
    if not isinstance(right, list) or sorted(right) != sorted(names):
        raise ValueError(f"{right!r} was right: expected an order of {names}. Reveal one.")
    places = [names.index(name) for name in right]
    asks["right"] = " ".join(map(str, places))
    for option in list(options.children):
        if _term(option).split(BETWEEN) == right:
            options.remove(option)  # on another cluster, another order is right
    things = next(asks.findall(nodes.bullet_list))
    ordered = [_item(_copied(things.children[place].children[0])) for place in places]
    return [_told(), nodes.enumerated_list("", *ordered, enumtype="arabic", prefix="", suffix=".")]


def _told(*words: nodes.Node) -> nodes.paragraph:
    return nodes.paragraph("", "In this run: ", *words)


def _term(option: nodes.Node) -> str:
    return option.children[0].astext()


def is_close(said: float, measured: float) -> bool:
    """Tell whether a number counts as right.

    >>> is_close(2.5, 2.61), is_close(0.5, 2.61)
    (True, False)
    """
    return math.isclose(said, measured, rel_tol=0, abs_tol=CLOSE * abs(measured))


def _warn(node: nodes.Node, problem: str) -> None:
    name = f"question {node['name']!r}: " if isinstance(node, question) else ""
    logger.warning("%s%s", name, problem, location=node, type="questions")


def visit_question(self: HTML5Translator, node: question) -> None:
    """Write a question with what its script needs to know."""
    data = {
        "data-page": node["page"],
        "data-name": node["name"],
        "data-right": node.get("right", ""),
        **({"data-unit": node["unit"], "data-close": CLOSE} if node["unit"] else {}),
        **({"data-order": len(node["order"])} if node["order"] else {}),
    }
    self.body.append(
        self.starttag(node, "div", CLASS="question", ids=[f"predict-{node['name']}"], **data)
    )


def depart_question(self: HTML5Translator, node: question) -> None:
    """End a question."""
    self.body.append("</div>\n")


def visit_answer(self: HTML5Translator, node: question_answer) -> None:
    """Fold the answer away."""
    self.body.append('<details class="question-answer"><summary>The answer</summary>\n')


def depart_answer(self: HTML5Translator, node: question_answer) -> None:
    """End the fold."""
    self.body.append("</details>\n")


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("predict", Predict)
    app.add_node(question, html=(visit_question, depart_question))
    app.add_node(question_answer, html=(visit_answer, depart_answer))
    app.connect("doctree-read", settle)
