"""The exercises in a terminal: `python -m raylessons`."""

import sys

from raylessons.exercises.terminal import main

sys.exit(main())
