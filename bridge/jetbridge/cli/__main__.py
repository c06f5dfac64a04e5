"""`python -m jetbridge.cli`; with `python -X dev` an unexpected error shows its traceback."""

from __future__ import annotations

import sys

from jetbridge.cli import main

sys.exit(main())
