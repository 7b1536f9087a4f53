"""Post-train from a checkout: the same as `translit-ppa train`."""

import sys

from translit_ppa.command_line import run

if __name__ == "__main__":
    raise SystemExit(run("train", sys.argv[1:]))
