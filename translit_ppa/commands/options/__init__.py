"""What all commands share: their parser, options with the API's defaults, readers of numbers."""

from translit_ppa.commands.options.numbers import points, whole_numbers
from translit_ppa.commands.options.parser import Options, Parser, given, modern

__all__ = ["Options", "Parser", "given", "modern", "points", "whole_numbers"]
