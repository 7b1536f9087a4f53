"""`python -m data_builders` in a checkout: the former name of `translit-ppa build`.

The one file of a room that knows the command line. It goes when that name does.
"""

from translit_ppa.former_names import build

if __name__ == "__main__":
    raise SystemExit(build())
