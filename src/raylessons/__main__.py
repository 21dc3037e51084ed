"""The command line: `python -m raylessons`."""

import sys

from raylessons.commands import main

sys.exit(main())
