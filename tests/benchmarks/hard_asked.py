"""Hard cases by what rules ask: texts, sets of codes, tables."""


# mypy: disable-error-code="misc"

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Final

from routing.meaning.expressions import MOST_STEPS, steps
from tests.benchmarks.hard import COUNT, LIMIT, ROUTES, WORDS, Hard, rules, text, word


def expressions(pattern: Callable[[int], str], most: int = COUNT, asked: str = "indication") -> list[str]:
    """Return 1,000 rules: the first with expressions, as many as a rulebook may have, the others with words."""
    taken = accumulate(steps(pattern(number)) for number in range(most))
    count = sum(each <= MOST_STEPS for each in taken)
    return rules(lambda n: f"{asked} matches /{pattern(n)}/" if n < count else f'description mentions "{word(n)}"')


def _shuffled(things: Sequence[str], turn: int) -> list[str]:
    return random.Random(turn).sample(things, len(things))


TEXTS: Final = (
    Hard(
        name="mentions: 1,000 words, a text of all of them, 64 kB",
        rules=rules(lambda n: f'indication mentions "{word(n)}"'),
        known=lambda turn: {"indication": text([*WORDS, f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 words, 10 MB of them",
        rules=rules(lambda n: f'indication mentions "{word(n)}"'),
        known=lambda turn: {"indication": text([*WORDS, f"x{turn}"], 10_000_000)},
    ),
    Hard(
        name="mentions: 1,000 words, a text of accented letters, 64 kB",
        rules=rules(lambda n: f'indication mentions "{word(n)}"'),
        known=lambda turn: {"indication": text(["Ähnlich", "naïveté", "żółć", *WORDS, f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 words, each letter of the text another",
        rules=rules(lambda n: f'indication mentions "{word(n)}"'),
        known=lambda turn: {"indication": ("".join(chr(0xA0 + turn + n) for n in range(0xD000))[:LIMIT],)},
    ),
    Hard(
        name="mentions: 1,000 words, 60,000 fields",
        rules=rules(lambda n: f'indication mentions "{word(n)}"'),
        known=lambda turn: {"indication": (*(word(n % COUNT) for n in range(60_000)), f"x{turn}")},
    ),
    Hard(
        name="mentions: 1,000 beginnings `abc*`, 64 kB of words",
        rules=rules(lambda n: f'indication mentions "{word(n)}*"'),
        known=lambda turn: {"indication": text([*(f"{one}x{turn}" for one in WORDS)])},
    ),
    Hard(
        name="mentions: beginnings of 1,000 lengths, words that fit all",
        rules=rules(lambda n: f'indication mentions "{"a" * (n + 1)}*"'),
        known=lambda turn: {"indication": text(["a" * (1200 - n - turn) for n in range(50)])},
    ),
    Hard(
        name="mentions: 1,000 phrases of 30 words that nearly go on",
        rules=rules(lambda n: f'indication mentions "{"a " * 29}{word(n)}"'),
        known=lambda turn: {"indication": text(["a"] * (2000 + turn))},
    ),
    Hard(
        name="mentions: 1,000 phrases `a* b* …` begun in many ways",
        rules=rules(lambda n: f'indication mentions "{" ".join("ab"[n >> bit & 1] + "*" for bit in range(10))} c"'),
        known=lambda turn: {"indication": text("ab"[(n * n * (turn + 7) >> 3) & 1] for n in range(9999))},
    ),
    Hard(
        name="mentions: 1,000 `not negated`, all words negated, 64 kB",
        rules=rules(lambda n: f'indication mentions "{word(n)}" not negated'),
        known=lambda turn: {"indication": text(["no", *WORDS, f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 `not negated`, each word negated by itself",
        rules=rules(lambda n: f'indication mentions "{word(n)}" not negated'),
        known=lambda turn: {"indication": text([*(f"no {one}." for one in WORDS), f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 `not negated` beginnings, all negated",
        rules=rules(lambda n: f'indication mentions "{word(n)[:3]}{"*" * (n < 500)}", "{word(n)}*" not negated'),
        known=lambda turn: {"indication": text([*(f"no {one}y;" for one in WORDS), f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 with an exception that masks it, 64 kB",
        rules=rules(lambda n: f'indication mentions "{word(n)}" except "x {word(n)}"'),
        known=lambda turn: {"indication": text([*(f"x {one}" for one in WORDS), f"x{turn}"])},
    ),
    Hard(
        name="mentions: one word with 1,000 exceptions each its own",
        rules=rules(lambda n: f'indication mentions "head" except "{word(n)} head"'),
        known=lambda turn: {"indication": text([*(f"{one} head" for one in WORDS), f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 `all of` of 5 words",
        rules=rules(
            lambda n: f"indication mentions all of {', '.join(chr(34) + word(n + k) + chr(34) for k in range(5))}"
        ),
        known=lambda turn: {"indication": text([*WORDS[turn:], f"x{turn}"])},
    ),
    Hard(
        name="mentions: 1,000 words in three attributes",
        rules=rules(lambda n: f'{("indication", "description", "institution")[n % 3]} mentions "{word(n)}"'),
        known=lambda turn: {name: text([*WORDS, f"x{turn}"]) for name in ("indication", "description", "institution")},
    ),
    Hard(
        name="matches: all expressions that are taken, 64 kB with all of them",
        rules=expressions(lambda n: f"{word(n)}x"),
        known=lambda turn: {"indication": text([*(f"{one}x" for one in WORDS), f"x{turn}"])},
    ),
    Hard(
        name="matches: all expressions `a.*b` that are taken, 64 kB",
        rules=expressions(lambda n: f"{word(n)}.*{word(n + 1)}"),
        known=lambda turn: {"indication": text([*_shuffled(WORDS[:200], turn)])},
    ),
    Hard(
        name="matches: a few expressions `a.*b`, 64 kB",
        rules=expressions(lambda n: f"{word(n)}.*{word(n + 1)}", 12),
        known=lambda turn: {"indication": text([*_shuffled(WORDS[:13], turn)])},
    ),
    Hard(
        name="matches: all that are taken that count, `a.{n}b`",
        rules=expressions(lambda n: f"a.{{{n % 90 + 1}}}{word(n)}"),
        known=lambda turn: {"indication": text(["".join(_shuffled("ab" * 9000, turn))])},
    ),
    Hard(
        name="matches: one that counts, `a.{400}b`",
        rules=expressions(lambda n: f"a[ab]{{{n + 400}}}b", 1),
        known=lambda turn: {"indication": text(["".join(_shuffled("ab" * 9000, turn))])},
    ),
    Hard(
        name="matches: all that are taken, case folded, letters of all kinds",
        rules=expressions(lambda n: f"(?i)\\b{word(n)}[äöü]+\\w*$"),
        known=lambda turn: {"indication": text([*(f"{one}äö" for one in WORDS), f"ß{turn}"])},
    ),
    Hard(
        name="matches: all that are taken, of 1,000 codes",
        rules=expressions(lambda n: f"^{word(n)}[0-9]+$", asked="procedure_code"),
        known=lambda turn: {"procedure_code": tuple(f"{word(n % COUNT)}{n + turn}" for n in range(1_000))},
    ),
    Hard(
        name="starts with: 1,000 beginnings of 1,000 codes",
        rules=rules(lambda n: f'procedure_code starts with "{word(n)}" except "{word(n)}{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"{word(n)}{n + turn}" for n in range(1_000))},
    ),
    Hard(
        name="starts with: beginnings of 1,000 lengths, 1,000 codes",
        rules=rules(lambda n: f'procedure_code starts with "{"a" * (n + 1)}"'),
        known=lambda turn: {"procedure_code": tuple("a" * (n + 1) + f"b{turn}" for n in range(1_000))},
    ),
    Hard(
        name="starts with: 1,000 beginnings of 10,000 codes",
        rules=rules(lambda n: f'procedure_code starts with "{word(n)}" except "{word(n)}{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"{word(n % COUNT)}{n + turn}" for n in range(10_000))},
    ),
    Hard(
        name="starts with: 1,000 beginnings of a text, 64 kB",
        rules=rules(lambda n: f'indication starts with "{word(n)}"'),
        known=lambda turn: {"indication": text([f"Ö{turn}", *WORDS])},
    ),
    Hard(
        name="starts with: 1,000 beginnings of 6,000 fields",
        rules=rules(lambda n: f'indication starts with "{word(n)}" except "{word(n)} y"'),
        known=lambda turn: {"indication": tuple(f"Ö {word(n)}{turn}" for n in range(6_000))},
    ),
    Hard(
        name="mentions, matches and starts with, of one text together",
        rules=[
            *expressions(word, 300)[:300],
            *rules(lambda n: f'indication {("mentions", "starts with")[n % 2]} "{word(n)}"')[300:],
        ],
        known=lambda turn: {"indication": text([*WORDS, f"x{turn}"])},
    ),
)

SETS: Final = (
    Hard(
        name="includes: 1,000 codes, all held by a set of 10,000",
        rules=rules(lambda n: f'procedure_code includes "P{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(10_000))},
    ),
    Hard(
        name="includes: 1,000 codes, all held by a set of 1,000",
        rules=rules(lambda n: f'procedure_code includes "P{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(1_000))},
    ),
    Hard(
        name="includes only, all of, none of: 30 codes each, 1,000 held",
        rules=rules(
            lambda n: (
                f"procedure_code includes {('only', 'all of', 'none of', 'any of')[n % 4]} "
                + ", ".join(f'"P{n * 7 % 900 + k}"' for k in range(30))
            )
        ),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(1_000))},
    ),
    Hard(
        name="includes only, all of, none of: 30 codes each, 10,000 held",
        rules=rules(
            lambda n: (
                f"procedure_code includes {('only', 'all of', 'none of', 'any of')[n % 4]} "
                + ", ".join(f'"P{n * 7 % 9000 + k}"' for k in range(30))
            )
        ),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(10_000))},
    ),
    Hard(
        name="includes: 1,000 codes of 1 million held",
        rules=rules(lambda n: f'procedure_code includes "P{n}"'),
        known=lambda turn, held=tuple(f"P{n}" for n in range(1_000_000)): {"procedure_code": (*held, f"x{turn}")},
    ),
    Hard(
        name="is: 1,000 codes, one that is 1 MB long",
        rules=rules(lambda n: f'site is "S{n}"'),
        known=lambda turn: {"site": f"{turn}" * 1_000_000},
    ),
    Hard(
        name="is: 1,000 codes, the code a list of 1 million",
        rules=rules(lambda n: f'site is "S{n}"'),
        known=lambda turn: {"site": [f"{turn}"] * 1_000_000},
    ),
    Hard(
        name="includes: a set in another set, 3,000 codes each",
        rules=rules(lambda n: f'procedure_code includes any of body_part and modality includes "M{n}"'),
        known=lambda turn: {
            "procedure_code": tuple(f"P{n + turn}" for n in range(3_000)),
            "body_part": tuple(f"Q{n + turn}" for n in range(3_000)),
            "modality": tuple(f"M{n}" for n in range(3_000)),
        },
    ),
    Hard(
        name="nine attributes, 1,000 values each, none remembered",
        rules=rules(
            lambda n: (
                f'site is "S{n}" and location is "L{n}" and station is "T{n}" and referrer is "R{n}" '
                f'and department is "D{n}" and programme is "G{n}" and referrer_specialty is "Y{n}" '
                f'and modality includes "M{n}" and body_part includes "B{n}"'
            )
        ),
        known=lambda turn: {
            **dict.fromkeys(
                ("site", "location", "station", "referrer", "department", "programme", "referrer_specialty"),
                f"S{turn}",
            ),
            "modality": ("M1",),
            "body_part": ("B1",),
        },
    ),
)
BIG_TABLE: Final = "code,class,worklist,hours\n" + "".join(
    f"P{n},C{n % 7},{ROUTES[n % 4]},{n % 96 + 1}\n" for n in range(10_000)
)
WILD_TABLE: Final = "a,b,c,d,hours\n" + "".join(
    ",".join(f"K{n}" if (n % 15 + 1) >> bit & 1 else "*" for bit in range(4)) + f",{n % 96 + 1}\n"
    for n in range(10_000)
)
LOOKED_UP: Final = 'table big from "big.csv" key code, class\ntable wild from "wild.csv" key a, b, c, d\n'
FILES: Final = {"big.csv": BIG_TABLE, "wild.csv": WILD_TABLE, "one.csv": "code,hours\n" + "".join(
    f"P{n},{n % 96 + 1}\n" for n in range(10_000))}  # fmt: skip
ONE: Final = 'table one from "one.csv" key code\n'

TABLES: Final = (
    Hard(
        name="tables: 1,000 comparisons with a cell of 10,000 rows",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(lambda n: f"big[station, site].hours over {n}"),
        known=lambda turn: {"station": f"P{9_000 + turn}", "site": f"C{(9_000 + turn) % 7}"},
    ),
    Hard(
        name="tables: 1,000 comparisons, one key unknown, the other in no row",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(lambda n: f"big[station, site].hours over {n}"),
        known=lambda turn: {"station": f"x{turn}"},
    ),
    Hard(
        name="tables: 1,000 cells of different keys, all but one unknown",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(
            lambda n: "wild[{}, {}, {}, {}].hours over {}".format(
                *(
                    ("station", "site", "location", "department", "referrer", "programme")[n // 6**k % 6]
                    for k in range(4)
                ),
                n % 90,
            )
        ),
        known=lambda turn: {"station": f"x{turn}", "location": f"K{turn + 5}"},
    ),
    Hard(
        name="tables: cells of a set of 1,000 codes, one key",
        more=ONE,
        files=FILES,
        rules=rules(lambda n: f"image_count over one[procedure_code].hours and image_count over {n}"),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(1_000)), "image_count": 999},
    ),
    Hard(
        name="tables: cells of a set of 500 codes, two keys",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(lambda n: f'big[procedure_code, site].worklist includes "L{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(500)), "site": "C1"},
    ),
    Hard(
        name="tables: cells of a set of 10,000 codes",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(lambda n: f'big[procedure_code, site].worklist includes "L{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"P{n + turn}" for n in range(10_000)), "site": "C1"},
    ),
    Hard(
        name="tables: dues of cells of two sets of 1,000, one key unknown",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(
            lambda n: "image_count is known" if n == 0 else f'site is "S{n}"',
            lambda n: f"due within wild[procedure_code, modality, station, site].hours {('hours', 'days')[n % 2]}",
        ),
        known=lambda turn: {
            "procedure_code": tuple(f"K{n + turn}" for n in range(1_000)),
            "modality": tuple(f"K{n + turn}" for n in range(1_000)),
            "image_count": 2,
        },
    ),
    Hard(
        name="tables: 1,000 distinct dues from cells",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(
            lambda n: f"image_count over {n}",
            lambda n: (
                f"due within big[station, site].hours {('hours', 'days', 'working days', 'months')[n % 4]}"
                + (f" route to {ROUTES[n % 4]}" if n % 2 else "")
            ),
        ),
        known=lambda turn: {"station": f"P{9_000 + turn}", "site": f"C{(9_000 + turn) % 7}", "image_count": 2_000},
    ),
    Hard(
        name="tables: 1,000 `is listed in` of 10,000 codes, all unlisted",
        more=ONE,
        files=FILES,
        rules=rules(lambda n: f'procedure_code is listed in one and modality includes "M{n}"'),
        known=lambda turn: {"procedure_code": tuple(f"x{n + turn}" for n in range(10_000)), "modality": ("M1",)},
    ),
    Hard(
        name="tables: lists named by cells of 10,000 codes, none known",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(
            lambda n: "image_count is known" if n % 2 else f"image_count over {n}",
            lambda _: "route to big[procedure_code, site].worklist",
        ),
        known=lambda turn: {"procedure_code": tuple(f"x{n + turn}" for n in range(10_000)), "image_count": 2_000},
    ),
)


ASKED: Final = (*TEXTS, *SETS, *TABLES)
