"""python -m medeval."""

from medeval.cli import main

main()
