"""Score from a checkout: the same as `translit-ppa eval`."""

from translit_ppa.scoring.evaluate import main

if __name__ == "__main__":
    raise SystemExit(main())
