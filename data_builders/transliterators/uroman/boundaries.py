"""Where a text may be cut so that uroman romanises the parts as it would the whole.

uroman is not free of context, so the question is put the other way round: between which neighbours
does anything look across? Two neighbours are *linked* when some step of the package may look from
one to the other; a text is cut wherever two neighbours are not linked. All sets come from the
tables of the package that is installed, over the rules of all languages. The steps that look
beyond their own characters, and the links that cover each:

- a rule with several characters: each two that follow one another in it;
- start and end of a word: the first character of a rule that asks for the start (or for what is
  not), the last of one that asks for the end, with any neighbour but a *neutral* one, which counts
  for uroman as the edge of a text does;
- the inherent vowel: vowel signs, medials, viramas and marks with what stands before them, and
  consonants, unless they sound the same at an edge as between consonants of their script;
- capitals of several Latin letters before a small letter; spaces that a rule adds beside a space;
- doublers, lengtheners, small kana and Coptic grace marks;
- numbers: everything numeric, points and signs among themselves, what ends in a digit before them;
- Tibetan syllables; Thai, where only three kinds of places are cut (`thai`);
- Thai O ANG, which looks left without limit, and Braille: see `LeftOfPart`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache
from itertools import pairwise

from .character_classes import characters, inside, one_of, ranges
from .core import UromanCore
from .package_lattices import BRAILLE
from .thai import thai_cuts

__all__ = ["BARE_AT_END", "DOUBLERS", "FOLLOWERS", "KHMER_YO", "linked_runs"]

BARE_AT_END = ("asm", "ben", "guj", "kas", "pan")
"""Languages for which uroman drops the inherent vowel at the end of a word, in every script."""
_FULL_AT_EDGES = ("Myanmar", "Khmer")
"""Scripts without spaces, worth cutting finer: with another language code, a consonant has the same
vowel at an edge as between consonants."""

_START = ("use-only-at-start-of-word", "dont-use-at-start-of-word", "use-only-for-whole-word")
_END = ("use-only-at-end-of-word", "dont-use-at-end-of-word", "use-only-for-whole-word")
DOUBLERS = "っッ\u0a71"
FOLLOWERS = "ゃゅょャュョー\u0300"
KHMER_YO = "\u1799"
_GREAT_BLOCK = 64


class _Links:
    """The links that the tables of a package ask for, as sets of characters.

    Args:
        core: The loaded package.
    """

    def __init__(self, core: UromanCore) -> None:
        self.core = core
        kinds = characters()
        numeric = {*kinds["numeric"], *core.uroman.num_props}
        signs = set("".join((*core.uroman.minus_signs, *core.uroman.plus_signs)))
        self.number: set[str] = {*numeric, *signs, "."}
        self.ends_in_digit: set[str] = set(kinds["contains number"])
        self.marks = {*kinds["mark"], KHMER_YO}
        self.small = set(kinds["lower"])
        self.to_any_left: set[str] = set()
        self.to_any_right = {c for c in kinds["mark"] if "NUKTA" in unicodedata.name(c, "")}
        self.to_left = set(FOLLOWERS)
        self.to_right: set[str] = set()
        self.next_in_rule: dict[str, set[str]] = defaultdict(set)
        self.last_two: dict[str, set[str]] = defaultdict(set)
        self.adds_space: set[str] = set()
        self.capitals: set[str] = set()
        self.takes_vowel: set[str] = set()
        self.vowel_varies: dict[str, set[str]] = defaultdict(set)
        self.without_latin: set[str] = set()
        self.latin_ends: list[str] = []
        prefixes, lettered = set(), set()
        for key, rule in core.rules():
            prefixes.add(key[0])
            if rule["t"] is None:
                self.without_latin.add(key[0])
            if key.isascii() and rule["t"] == key:
                # Latin to itself: whichever of these rules wins, the same letters come out.
                if any(rule[name] for name in _END):
                    self.latin_ends.append(re.escape(key))
                continue
            if BRAILLE[0] <= key[0] <= BRAILLE[1]:
                continue
            for left, right in pairwise(key):
                self.next_in_rule[left].add(right)
            if rule["t"] and rule["t"][-1].isalpha():
                lettered.add(key[-1])
            if any(rule[name] for name in _START):
                self.to_left.add(key[0])
            if any(rule[name] for name in _END):
                self._asks_for_end(key)
            if rule["t"]:
                self._romanises(key, rule["t"])
        scripts = core.chars_by("script")
        self.tibetan, self.thai = scripts["Tibetan"], scripts["Thai"]
        self.scripts = scripts
        self.neutral = {
            char
            for char in kinds["no letter"] - kinds["compatibility"] - prefixes - lettered
            if not core.script(char) and not char.isalpha()
            if char.isascii() or char not in numeric
        }
        for prop in ("is-vowel-sign", "is-medial-consonant-sign", "is-virama"):
            self.to_left |= core.chars_with(prop)
        self.to_left |= kinds["subjoined"]
        # What they follow reaches over them, with its digit.
        self.ends_in_digit |= core.chars_with("is-virama") | set(FOLLOWERS)
        self.rare = self._forget_above_bmp()

    def _forget_above_bmp(self) -> str:
        """Leave what `re` looks up at once: above U+FFFF it walks all ranges of a class.

        Of the characters up there only the great blocks of neutral ones (emoji) are told apart. The
        others count as linked to any neighbour, which costs them speed alone.

        Returns:
            Those others, as the inside of a character class.
        """
        above = ranges(char for char in self.neutral if char > "\uffff")
        blocks = [(first, last) for first, last in above if last - first >= _GREAT_BLOCK]
        for chars in (*vars(self).values(), *self.next_in_rule.values()):
            if isinstance(chars, set):
                chars -= {char for char in chars if char > "\uffff"}
        self.next_in_rule = {a: b for a, b in self.next_in_rule.items() if a <= "\uffff" and b}
        for chars in self.vowel_varies.values():
            chars -= {char for char in chars if char > "\uffff"}
        self.neutral |= {chr(n) for first, last in blocks for n in range(first, last + 1)}
        bounds = [0x10000, *(n for first, last in blocks for n in (first, last + 1)), 0x110000]
        between = zip(bounds[::2], bounds[1::2], strict=True)
        return "".join(f"\\U{first:08x}-\\U{end - 1:08x}" for first, end in between)

    def _asks_for_end(self, key: str) -> None:
        if len(key) == 1:
            self.to_right.add(key)
        else:
            self.last_two[key[-2]].add(key[-1])

    def _romanises(self, key: str, latin: str) -> None:
        if latin[0] == " ":
            self.to_any_left.add(key[0])
        if latin[-1] == " ":
            self.adds_space.add(key[-1])
        if latin[-1].isdigit():
            self.ends_in_digit.add(key[-1])
        if len(key) == 1 and latin.isupper() and latin != latin.capitalize():
            self.capitals.add(key)
        forms = self.core.with_vowel(key, latin)
        script = self.core.script(key[0])
        if forms is None or forms[0] is None or script == "Tibetan":
            return
        self.takes_vowel.add(key[-1])
        bare, full, plain = forms
        vocalic = "VOCALIC" in self.core.uroman.chr_name(key[-1])
        if len(key) == 1 and plain == bare and not vocalic:
            self.vowel_varies[script].add(key)
        elif plain != full or vocalic:
            self.to_left.add(key[0])
            self.to_right.add(key[-1])

    def pattern(self, bare_at_end: bool) -> str:
        """Write the links as a pattern of one character (or more) that is linked to the next.

        Args:
            bare_at_end: Whether the language has no inherent vowel at the end of a word.

        Returns:
            A regular expression.
        """
        to_left, to_right = set(self.to_left), set(self.to_right)
        anchored: list[tuple[set[str], str]] = []
        varying, before_varying = [], []
        for script, chars in self.vowel_varies.items():
            if script in _FULL_AT_EDGES and not bare_at_end:
                other = one_of(self.neutral | self.scripts[script], outside=True)
                # Beside another script the vowel depends on what precedes the consonant.
                anchored.append((chars, other))
                varying.append(chars)
                before_varying.append(one_of(chars) + other)
            else:
                to_left |= chars
                to_right |= chars
        edge_not = one_of(self.neutral, outside=True)
        anchored += [
            (to_right, edge_not),
            (self.takes_vowel, one_of(self.marks)),
            (self.capitals, one_of(self.small)),
            (self.adds_space, " "),
            (self.number | self.ends_in_digit, one_of(self.number)),
            (self.tibetan, one_of(self.tibetan)),
            *self._connectors(),
        ]
        by_next: dict[str, set[str]] = defaultdict(set)
        for lefts, after in anchored:
            by_next[after] |= lefts
        links = [f"{one_of(lefts)}(?={after})" for after, lefts in by_next.items()]
        lasts = set().union(*self.last_two.values())
        ends = (f"(?<={re.escape(a)}{one_of(b)})" for a, b in self.last_two.items())
        links.append(f"{one_of(lasts)}(?={edge_not})(?:{'|'.join(ends)})")
        # A doubler changes the first consonant of a Latin rule, of however many letters.
        links.append(f"[{DOUBLERS}](?:[A-Za-z]+(?=.)|(?={edge_not}))")
        # The package raises when it looks for the end of a word before a mere number.
        raising = f"(?:{'|'.join(self.latin_ends)})(?={one_of(self.without_latin)})"
        thai, before_thai, looking_back = thai_cuts(self.core, self.next_in_rule, self.neutral)
        # First, because Thai meets it at almost every character.
        links.insert(0, f"{one_of(self.thai)}(?={edge_not})(?!{thai})")
        # Whether a syllable of Thai ends is seen over a tone mark, and that may be a Burmese one.
        foreign_tones = self.core.chars_with("tone-mark") - self.thai
        links.append(f"(?<={one_of(self.thai)}){one_of(foreign_tones)}(?={edge_not})")
        links += self._rules()
        some = set(DOUBLERS).union(
            self.thai, foreign_tones, self.next_in_rule, *by_next.values(), *self.last_two.values()
        )
        linking_left = to_left.union(self.to_any_left, self.thai, *varying)
        raising_first = one_of({word[0] for word in self.latin_ends})
        # Most characters are in none of the sets, nor the next; one test spares them the others.
        return (
            f"(?=.[{inside(linking_left)}{self.rare}])"
            f"(?:.(?=[{inside(self.to_any_left)}{self.rare}])"
            f"|{edge_not}(?={'|'.join([one_of(to_left), *before_varying])})"
            f"|{one_of(self.neutral | self.thai, outside=True)}(?={before_thai}))"
            f"|[{inside(self.to_any_right)}{self.rare}](?=.)"
            f"|{one_of(self.neutral | self.thai)}(?={looking_back})"
            f"|(?=.?{raising_first}){edge_not}?{raising}"
            f"|(?={one_of(some)})(?:{'|'.join(links)})"
        )

    def _rules(self) -> list[str]:
        """Link what follows one another in a rule, one pattern for a script of the first."""
        pairs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        rights_of: dict[str, set[str]] = defaultdict(set)
        for left, rights in self.next_in_rule.items():
            # Thai among itself is linked below, but at places that no rule spans.
            rights = rights - self.thai if left in self.thai else rights
            pairs[self.core.script(left)][one_of(rights)].add(left)
            rights_of[self.core.script(left)] |= rights
        return [
            f"{one_of(set().union(*by_right.values()))}(?={one_of(rights_of[script])})"
            f"(?:{'|'.join(f'(?<={one_of(a)})(?={b})' for b, a in by_right.items())})"
            for script, by_right in pairs.items()
        ]

    def _connectors(self) -> list[tuple[set[str], str]]:
        """Fraction connectors between numbers: the package reads what follows them."""
        links = []
        for word in self.core.uroman.fraction_connectors:
            links.append((self.number, re.escape(word[0])))
            links.append(({word[-1]}, f"(?<={re.escape(word)})."))
        return links


@cache
def _compiled(core: UromanCore, bare_at_end: bool) -> re.Pattern[str]:
    return re.compile(f"((?:{_Links(core).pattern(bare_at_end)})+.)", re.DOTALL)


def linked_runs(core: UromanCore, lcode: str | None) -> re.Pattern[str]:
    """Compile the pattern of what must not be cut; it takes half a second, once in a process.

    Args:
        core: The loaded package.
        lcode: ISO 639-3 code or None.

    Returns:
        A pattern with one group: two or more characters, each linked to the next. Every character
        outside such runs stands alone.
    """
    return _compiled(core, lcode in BARE_AT_END)
