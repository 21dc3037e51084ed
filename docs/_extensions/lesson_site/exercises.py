"""`exercise`: what an exercise asks for, from the package, where the terminal says it too."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from raylessons.exercises.catalogue import find_exercise


class ExerciseText(SphinxDirective):
    """`exercise` and a number: the text of that exercise."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        try:
            exercise = find_exercise(int(self.arguments[0]))
        except (LookupError, ValueError) as error:
            raise self.error(f"exercise {self.arguments[0]}: {error}") from None
        return self.parse_text_to_nodes(exercise.task)


def connect(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("exercise", ExerciseText)
