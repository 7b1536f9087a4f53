"""Post-train from a checkout: the same as `translit-ppa train`."""

from translit_ppa.training.run import main

if __name__ == "__main__":
    raise SystemExit(main())
