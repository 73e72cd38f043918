"""`python -m courseware`: the command without an installed script."""

import sys

from courseware.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
