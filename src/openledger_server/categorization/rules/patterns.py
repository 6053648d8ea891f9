"""Text patterns (regular expressions) whose cost grows with the text only, whatever somebody writes into them.

The usual engines try one way after the other and can be kept busy for years by a pattern of twenty characters. This one
follows all ways at once (Thompson, 1968), remembers each step it has taken, and has no features that would forbid that:
no references back and no look-around. Letters match in either case.

Source: https://swtch.com/~rsc/regexp/regexp1.html describes the method.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from openledger_server.base.errors import InvalidError

PATTERN_LENGTH_MAX = 200
_DEPTH_MAX = 10
_REPEATS_MAX = 50
_STEPS_MAX = 400
_REMEMBERED_MAX = 5_000
_ESCAPED_CLASSES = {"d": str.isdecimal, "w": lambda char: char.isalnum() or char == "_", "s": str.isspace}
_ESCAPED_SIGNS = {"t": "\t", "n": "\n", "r": "\r"}
_OPENERS = frozenset("*+?{")

Test = Callable[[str], bool]


class PatternError(InvalidError):
    """The pattern cannot be read, uses something that is not offered here, or is too large."""

    code = "INVALID_PATTERN"


@dataclass(frozen=True, slots=True)
class _Char:
    test: Test
    letter: str = ""
    """Where it is one ASCII character, that one in lower case."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """A place between two characters: "^", "$", "b" or "B"."""

    kind: str


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    ways: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"
    least: int
    most: int | None


_Node = _Char | _Edge | _Sequence | _Choice | _Repeat


@dataclass(slots=True)
class _Step:
    """One step of the compiled pattern: read a character, check an edge, go on in one or two places, or be done."""

    test: Test | None = None
    edge: str = ""
    ways: tuple[int, ...] = ()
    is_end: bool = False


@dataclass(slots=True, eq=False)
class _Place:
    """Everywhere one may be in the pattern after some text, and where the characters that were met led from there."""

    starts: frozenset[int]
    before: str
    """What kind of character came last: "" at the beginning, "w" in a word, "o" otherwise."""
    after: dict[str, "_Place | None"] = field(default_factory=dict)
    """None: the pattern has matched before this character."""


@dataclass(slots=True)
class Pattern:
    """A compiled pattern. `found_in` costs a look-up for each character once the steps taken are known."""

    needs: frozenset[str]
    """Texts in lower case, one of which is in the lower case of every text that matches; empty if none is known."""
    _steps: list[_Step]
    _first: int
    _places: dict[tuple[frozenset[int], str], _Place] = field(default_factory=dict)
    _remembered: int = 0

    def found_in(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in the text."""
        if self.needs:
            lowered = text.lower()
            if not any(need in lowered for need in self.needs):
                return False
        place = self._place(frozenset([self._first]), "")
        for char in text:
            try:
                following = place.after[char]
            except KeyError:
                following = self._step(place, char)
            if following is None:
                return True
            place = following
        return self._reached(place, "") is None

    def _step(self, place: _Place, char: str) -> _Place | None:
        """Return where one may be after this character, and remember it; None: the pattern has matched before it."""
        kind = _kind(char)
        reached = self._reached(place, kind)
        following: _Place | None = None
        if reached is not None:
            going = [step.ways[0] for step in reached if step.test is not None and step.test(char)]
            following = self._place(frozenset([self._first, *going]), kind)
        if self._remembered >= _REMEMBERED_MAX:
            for known in self._places.values():
                known.after.clear()
            self._places.clear()
            self._remembered = 0
        place.after[char] = following
        self._remembered += 1
        return following

    def _place(self, starts: frozenset[int], before: str) -> _Place:
        place = self._places.get((starts, before))
        if place is None:
            place = self._places[starts, before] = _Place(starts, before)
        return place

    def _reached(self, place: _Place, following: str) -> list[_Step] | None:
        """Return the steps that read a character next, given what kind it is; None if the end is among them."""
        waiting, seen, reading = list(place.starts), set(place.starts), []
        while waiting:
            step = self._steps[waiting.pop()]
            if step.is_end:
                return None
            if step.test is not None:
                reading.append(step)
                continue
            if step.edge and not _holds(step.edge, place.before, following):
                continue
            fresh = [way for way in step.ways if way not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return reading


def compiled(pattern: str) -> Pattern:
    r"""Return the pattern ready for use.

    Offered are letters and signs, `.`, `[a-z]`, `[^0-9]`, `\d \w \s \b` and their opposites, `^`, `$`, groups,
    `|`, `*`, `+`, `?` and `{m,n}` up to 50.

    Raises:
        PatternError: if it cannot be read, is longer than 200 characters, or its repetitions make it too large.
    """
    if not 0 < len(pattern) <= PATTERN_LENGTH_MAX:
        raise PatternError(f"A pattern has 1 to {PATTERN_LENGTH_MAX} characters.")
    reader = _Reader(pattern)
    node = reader.choice(0)
    if not reader.is_done:
        raise PatternError("The pattern has a closing bracket without an opening one.")
    steps = [_Step(is_end=True)]
    first = _compile(node, 0, steps)
    return Pattern(_needed(node), steps, first)


def _needed(node: _Node) -> frozenset[str]:
    """Return texts one of which has to be there for this part to match; empty where nothing can be said."""
    match node:
        case _Char(_, letter):
            return frozenset([letter]) if letter else frozenset()
        case _Edge():
            return frozenset()
        case _Choice(ways):
            each = [_needed(way) for way in ways]
            return frozenset[str]().union(*each) if all(each) else frozenset()
        case _Repeat(part, least, _):
            return _needed(part) if least else frozenset()
        case _Sequence(parts):
            return rarest(_runs(parts))


def _runs(parts: Sequence[_Node]) -> Iterator[frozenset[str]]:
    """Yield what is needed by each stretch of plain characters, and by each part between."""
    run = ""
    for part in parts:
        if isinstance(part, _Char) and part.letter:
            run += part.letter
        elif not isinstance(part, _Edge):
            yield frozenset([run]) if run else frozenset()
            yield _needed(part)
            run = ""
    yield frozenset([run]) if run else frozenset()


def rarest(needs: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return those of several needed sets whose shortest text is longest, since fewest texts have it."""
    return max(needs, key=lambda each: (min(map(len, each), default=0), -len(each)), default=frozenset())


def _compile(node: _Node, after: int, steps: list[_Step]) -> int:
    """Add the steps for a node that goes on at step `after`, and return where it begins."""
    match node:
        case _Char(test):
            return _add(steps, _Step(test=test, ways=(after,)))
        case _Edge(kind):
            return _add(steps, _Step(edge=kind, ways=(after,)))
        case _Sequence(parts):
            for part in reversed(parts):
                after = _compile(part, after, steps)
            return after
        case _Choice(ways):
            return _add(steps, _Step(ways=tuple(_compile(way, after, steps) for way in ways)))
        case _Repeat(part, least, most):
            return _compile_repeat(part, least, most, after, steps)


def _compile_repeat(part: _Node, least: int, most: int | None, after: int, steps: list[_Step]) -> int:
    if most is None:
        again = _add(steps, _Step())
        steps[again].ways = (_compile(part, again, steps), after)
        after = again
    else:
        end = after
        for _ in range(most - least):
            after = _add(steps, _Step(ways=(_compile(part, after, steps), end)))
    for _ in range(least):
        after = _compile(part, after, steps)
    return after


def _add(steps: list[_Step], step: _Step) -> int:
    if len(steps) >= _STEPS_MAX:
        raise PatternError("The pattern is too large; use fewer or shorter repetitions.")
    steps.append(step)
    return len(steps) - 1


def _kind(char: str) -> str:
    return "w" if char.isalnum() or char == "_" else "o"


def _holds(edge: str, before: str, following: str) -> bool:
    if edge == "^":
        return before == ""
    if edge == "$":
        return following == ""
    is_boundary = (before == "w") != (following == "w")
    return is_boundary == (edge == "b")


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at == len(self._pattern)

    def choice(self, depth: int) -> _Node:
        """Read ways divided by bars, up to a closing bracket or the end."""
        if depth > _DEPTH_MAX:
            raise PatternError(f"Groups may be nested {_DEPTH_MAX} deep.")
        ways = [self._sequence(depth)]
        while self._take("|"):
            ways.append(self._sequence(depth))
        return ways[0] if len(ways) == 1 else _Choice(tuple(ways))

    def _sequence(self, depth: int) -> _Node:
        parts: list[_Node] = []
        while not self.is_done and self._peek() not in "|)":
            parts.append(self._repeated(self._single(depth)))
        return _Sequence(tuple(parts))

    def _single(self, depth: int) -> _Node:
        char = self._next()
        if char == "(":
            if self._take("?") and not self._take(":"):
                raise PatternError("Groups that begin with (? are not offered, other than (?: ... ).")
            inside = self.choice(depth + 1)
            if not self._take(")"):
                raise PatternError("The pattern has an opening bracket without a closing one.")
            return inside
        if char in _OPENERS:
            raise PatternError(f"There is nothing before {char} that could be repeated.")
        if char in "^$":
            return _Edge(char)
        if char == ".":
            return _Char(lambda _: True)
        if char == "[":
            return _Char(self._class())
        if char == "\\":
            return self._escaped()
        return _Char(_same(char), char.lower() if char.isascii() else "")

    def _escaped(self) -> _Node:
        char = self._next()
        if char in "bB":
            return _Edge(char)
        return _Char(self._escaped_test(char))

    def _escaped_test(self, char: str) -> Test:
        if char.lower() in _ESCAPED_CLASSES:
            test = _ESCAPED_CLASSES[char.lower()]
            return test if char.islower() else _negated(test)
        if char in _ESCAPED_SIGNS:
            return _same(_ESCAPED_SIGNS[char])
        if char.isalnum():
            raise PatternError(f"\\{char} is not offered.")
        return _same(char)

    def _class(self) -> Test:
        is_negated = self._take("^")
        tests: list[Test] = []
        while not tests or self._peek() != "]":
            low = self._next()
            if low == "\\":
                low = self._next()
                if low.isalpha() and low not in _ESCAPED_SIGNS:
                    tests.append(self._escaped_test(low))
                    continue
                low = _ESCAPED_SIGNS.get(low, low)
            if self._pattern[self._at : self._at + 1] == "-" and self._pattern[self._at + 1 : self._at + 2] != "]":
                self._next()
                tests.append(_between(low, self._class_end()))
            else:
                tests.append(_same(low))
        self._next()
        found = tuple(tests)

        def test(char: str) -> bool:
            return any(one(char) for one in found)

        return _negated(test) if is_negated else test

    def _class_end(self) -> str:
        high = self._next()
        if high == "\\":
            high = self._next()
            if high.isalnum():
                raise PatternError("A range in square brackets ends with a plain character.")
        return high

    def _repeated(self, part: _Node) -> _Node:
        bounds = self._bounds()
        if bounds is None:
            return part
        if isinstance(part, _Edge):
            raise PatternError("A boundary cannot be repeated.")
        self._take("?")  # the shortest match exists exactly when the longest does
        if not self.is_done and self._peek() in _OPENERS:
            raise PatternError("A repetition cannot be repeated; put it in a group.")
        return _Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        if not self._take("{"):
            return None
        least = self._number()
        most: int | None = least
        if self._take(","):
            most = None if not self.is_done and self._peek() == "}" else self._number()
        if not self._take("}") or (most is not None and most < least):
            raise PatternError("A repetition reads {2}, {2,} or {2,5}; write \\{ for the sign itself.")
        return least, most

    def _number(self) -> int:
        digits = ""
        while not self.is_done and self._peek() in "0123456789" and len(digits) <= len(str(_REPEATS_MAX)):
            digits += self._next()
        if not digits or int(digits) > _REPEATS_MAX:
            raise PatternError(f"A repetition reads {{2}}, {{2,}} or {{2,5}}, up to {_REPEATS_MAX}.")
        return int(digits)

    def _peek(self) -> str:
        if self.is_done:
            raise PatternError("The pattern ends too early.")
        return self._pattern[self._at]

    def _next(self) -> str:
        char = self._peek()
        self._at += 1
        return char

    def _take(self, char: str) -> bool:
        if self.is_done or self._pattern[self._at] != char:
            return False
        self._at += 1
        return True


def _same(wanted: str) -> Test:
    either = frozenset([wanted, wanted.lower(), wanted.upper()])
    return either.__contains__


def _between(low: str, high: str) -> Test:
    if low > high:
        raise PatternError(f"The range {low}-{high} runs backwards.")

    def test(char: str) -> bool:
        return any(low <= one <= high for one in (char, char.lower(), char.upper()))

    return test


def _negated(test: Test) -> Test:
    return lambda char: not test(char)
