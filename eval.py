"""Score from a checkout: the same as `translit-ppa eval`."""

import sys

from translit_ppa.command_line import run

if __name__ == "__main__":
    raise SystemExit(run("eval", sys.argv[1:]))
