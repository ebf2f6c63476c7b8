"""Hard cases by what rules give, and by what is unknown: dues, times, effects, guarantees."""

# ruff: noqa: DTZ001 - naive instants are local to the procedure's zone
# mypy: disable-error-code="misc"

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from routing.attributes import Duration
from tests.benchmarks.hard import COUNT, NIGHT, ROUTES, Hard, _none, length, rules
from tests.benchmarks.hard_asked import FILES, LOOKED_UP

DUES: Final = (
    Hard(
        name="dues: 1,000 lengths of hours counting core",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {COUNT - n} hours counting core"),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="dues: 1,000 lengths of hours counting five minutes a month",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {COUNT - n} minutes counting short"),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="dues: 1,000 lengths of days counting core",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {COUNT - n} days counting core"),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="dues: 1,000 lengths of hours counting core from an instant",
        more="".join(f"fact i{k} is instant\n" for k in range(10)),
        rules=rules(
            lambda n: f"image_count over {n}",
            lambda n: f"due within {COUNT - n} hours counting core from i{n % 10}",
        ),
        known=lambda turn: {
            "image_count": 2_000,
            **{f"i{k}": NIGHT + timedelta(hours=turn + k) for k in range(10)},
        },
    ),
    Hard(
        name="dues: 1,000 lengths of working days",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {COUNT - n} working days"),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="dues: 1,000 lengths of working days from an instant",
        more="fact i0 is instant\n",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {COUNT - n} working days from i0"),
        known=lambda turn: {"image_count": 2_000, "i0": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="dues: 1,000 lengths of every unit",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {length(n)}"),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="dues: 1,000 preliminary lengths of every unit",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"preliminary due within {length(n)}"),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="dues: 1,000 by a time of the next day, working day, weekday",
        rules=rules(
            lambda n: f"image_count over {n}",
            lambda n: f"due by {n % 24:02d}:{n % 60:02d} next {('day', 'working day', 'Monday', 'Sunday')[n % 4]}",
        ),
        known=lambda turn: {"image_count": 2_000, "exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="dues: 1,000 by an instant less working days",
        more="fact i0 is instant\nfact i1 is date\n",
        rules=rules(
            lambda n: f"image_count over {n}",
            lambda n: f"due by i{n % 2} minus {length(n)}",
        ),
        known=lambda turn: {
            "image_count": 2_000,
            "i0": NIGHT + timedelta(days=turn),
            "i1": date(2026, 3, 20 + turn),
        },
    ),
    Hard(
        name="dues: 1,000 of every unit, at the end of the calendar",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {length(n)}"),
        known=lambda turn: {
            "image_count": 2_000,
            "arrival": datetime(9999, 12, 31, 23, 50 + turn, tzinfo=UTC),
        },
    ),
    Hard(
        name="dues: 1,000 of every unit, at the beginning of the calendar",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {length(n)}"),
        known=lambda turn: {"image_count": 2_000, "exam_end": datetime(1, 1, 1, 0, turn, tzinfo=UTC)},
    ),
    Hard(
        name="dues: 1,000 counting core, at the end of the calendar",
        rules=rules(lambda n: f"image_count over {n}", lambda n: f"due within {COUNT - n} hours counting core"),
        known=lambda turn: {
            "image_count": 2_000,
            "arrival": datetime(9999, 12, 31, 23, 50 + turn, tzinfo=UTC),
        },
    ),
    Hard(
        name="within: 1,000 `within N working days of`",
        more="fact i0 is instant\n",
        rules=rules(lambda n: f"clock within {n + 1} working days of i0"),
        known=lambda turn: {"i0": NIGHT + timedelta(days=900 + turn), "exam_end": NIGHT},
    ),
    Hard(
        name="within: 1,000 lengths of every unit, dates and instants",
        more="fact i0 is instant\nfact i1 is date\n",
        rules=rules(lambda n: f"i{n % 2} within {length(n)} {('of', 'before', 'after')[n % 3]} exam_start"),
        known=lambda turn: {
            "i0": NIGHT + timedelta(days=turn),
            "i1": date(2026, 3, 20 + turn),
            "exam_start": NIGHT,
        },
    ),
    Hard(
        name="before, after: 1,000 dates and instants, in a local zone",
        more="fact i0 is instant\nfact i1 is date\n",
        rules=rules(
            lambda n: (
                f"i{n % 2} {('before', 'after')[n % 2]} {date(2026, 1, 1) + timedelta(days=n)}"
                + (f" {n % 24:02d}:15" if n % 3 == 0 else "")
            )
        ),
        known=lambda turn: {"i0": datetime(2026, 3, 20, turn), "i1": date(2026, 3, 20 + turn), "site": "LISBON"},
    ),
)

AGES: Final = (
    Hard(
        name="ages: 1,000 limits in years, months and days",
        rules=rules(
            lambda n: (
                f"age {('under', 'over', 'at least', 'at most')[n % 4]} {length(n * 7 % COUNT // 7 * 7 + 2 + n % 4)}"
            )
        ),
        known=lambda turn: {"birth_date": date(1, 1, 1 + turn)},
    ),
    Hard(
        name="ages: 1,000 limits, said as an age of 9,000 years",
        rules=rules(
            lambda n: (
                f"age {('under', 'over', 'at least', 'at most')[n % 4]} {length(n * 7 % COUNT // 7 * 7 + 2 + n % 4)}"
            )
        ),
        known=lambda turn: {"age": Duration(years=9_000 + turn, months=10**9, days=10**9, seconds=10**12)},
    ),
    Hard(
        name="ages: 1,000 limits of mixed lengths, `P1Y2M3D`",
        more="fact span is duration\nattribute corrected_age is duration from span plus age\n",
        rules=rules(lambda n: f"corrected_age under {length(n * 7 % COUNT // 7 * 7 + 2 + n % 4)}"),
        known=lambda turn: {"birth_date": date(1900, 2, 28 - turn), "span": Duration(years=3, months=5, days=70)},
    ),
    Hard(
        name="numbers: 1,000 limits, a number of 10,000 digits",
        rules=rules(lambda n: f"image_count over {n}"),
        known=lambda turn: {"image_count": 10**10_000 + turn},
    ),
    Hard(
        name="numbers: 1,000 limits of a sum of numbers with 10,000 digits",
        more="fact more is number\nattribute whole is number from image_count plus more\n",
        rules=rules(lambda n: f"whole over {n}"),
        known=lambda turn: {"image_count": 10**10_000 + turn, "more": 10**10_000},
    ),
    Hard(
        name="hours: 1,000 `during` 1,000 times of an instant",
        more="fact i0 is instant\n"
        + "".join(
            f"times t{n} are Mon-Fri {n % 24:02d}:{n % 60:02d}-{(n + 5) % 24:02d}:{n % 60:02d} except closed, first Mon of month 03:00-04:00\n"
            for n in range(COUNT)
        ),
        rules=rules(lambda n: f"i0 during t{n}" if n % 2 else f"outside t{n}"),
        known=lambda turn: {"i0": NIGHT + timedelta(days=turn), "exam_end": NIGHT + timedelta(days=-turn)},
    ),
    Hard(
        name="samples: 1,000 of them",
        rules=rules(lambda n: f"in sample of {n % 100} percent"),
        known=_none,
    ),
)

_SEVERAL: Final = (
    "tag t{n}", "notify board", "also read by {w} within {n} hours", "audit by {w} within {n} working days",
    "read by 2 different readers, disagreement to attention", "escalate to {w} after {m} minutes",
    "escalate to {w} after {p} percent", "hold at most {m} minutes until images_complete",
    "offer to reader in referrer for {m} minutes", "only readers with pacs_team",
    "exclude readers in referrer, station", "show identity only to readers with pacs_team",
    "read together with same patient within {m} hours", "split to neuro, body after {m} minutes",
)  # fmt: skip


def _effect(n: int) -> str:
    return _SEVERAL[n % len(_SEVERAL)].format(n=n + 1, w=ROUTES[n // 14 % 4], m=n % 600 + 1, p=n % 99 + 1)


_GUARDS: Final = """
guarantee "G1" never route to paeds when age over 90 years
guarantee "G2" due within 90 hours when image_count over 2
guarantee "G3" priority at least soon when image_count over 2
guarantee "G4" read by at least 2 when image_count over 2
guarantee "G5" never hold when age under 20 years
"""
_READ: Final = {"referrer": "lee", "station": "ct1", "image_count": 2_000}
EFFECTS: Final = (
    Hard(
        name="effects: 1,000 rules of every effect, all true",
        rules=rules(lambda n: f"image_count over {n}", _effect),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    *(
        Hard(
            name=f"effects: 1,000 true rules, `{_SEVERAL[one].split(' {')[0]}` alone",
            rules=rules(lambda n: f"image_count over {n}", lambda n, one=one: _effect(n * len(_SEVERAL) + one)),
            known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
        )
        for one in range(len(_SEVERAL))
    ),
    Hard(
        name="effects: 1,000 true rules with all of them at once, guarded",
        more=_GUARDS,
        rules=rules(
            lambda n: f"image_count over {n}",
            lambda n: (
                " ".join(
                    _SEVERAL[k].format(n=n + 1, w=ROUTES[n % 4], m=n % 600 + 1, p=n % 99 + 1)
                    for k in range(len(_SEVERAL))
                    if k != 1
                )
                + f" due within {n + 1} hours"
            ),
        ),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn), "birth_date": date(2020, 1, 1 + turn)},
    ),
    Hard(
        name="effects: 1,000 closures under policies",
        rules=rules(
            lambda n: f"image_count over {n}",
            lambda n: (
                f'no report needed because "r" under policy "P-{n}" until 2026-12-{n % 28 + 1:02d} route to neuro'
            ),
        ),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="effects: 1,000 groups with a default each",
        rules=[
            f'group "G{n}" when image_count over {n}\nrule "R{n}" when site is "S{n}" tag t{n}\n'
            f"otherwise tag u{n} due within {n + 1} working days\nend"
            for n in range(COUNT // 2)
        ],
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn), "site": f"S{turn}"},
    ),
    Hard(
        name="effects: one group of 1,000 rules with a default",
        rules=[
            'group "G" when image_count over 2',
            *rules(lambda n: f"image_count over {n}", _effect),
            "otherwise tag u due within 1 working day priority stat\nend",
        ],
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="guarantees: 1,000 of them",
        more="".join(
            f'guarantee "G{n}" {("never route to neuro", f"due within {n + 1} working days", "priority at least soon", "read by at least 2", "never hold")[n % 5]} when image_count over {n}\n'
            for n in range(COUNT)
        ),
        rules=rules(lambda n: f"image_count over {n}"),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
)

_ATTRIBUTES: Final = ("site", "location", "station", "referrer", "department", "programme", "referrer_specialty")
UNKNOWN: Final = (
    Hard(
        name="unknown: 1,000 rules of one attribute",
        rules=rules(lambda n: f'site is "S{n}"'),
        known=_none,
    ),
    Hard(
        name="unknown: 1,000 rules of 5 of 7 attributes",
        rules=rules(lambda n: " and ".join(f'{_ATTRIBUTES[(n + k) % 7]} is "S{n}"' for k in range(5))),
        known=lambda turn: {_ATTRIBUTES[turn % 7]: f"S{turn}"},
    ),
    Hard(
        name="unknown: 1,000 rules of every effect",
        rules=rules(lambda n: f'site is "S{n}"', _effect),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="unknown: 1,000 rules of every effect, guarded",
        more=_GUARDS,
        rules=rules(lambda n: f'site is "S{n}"', _effect),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn), "birth_date": date(2020, 1, 1 + turn)},
    ),
    Hard(
        name="unknown: 500 rules of every effect, 500 true ones, guarded",
        more=_GUARDS,
        rules=rules(lambda n: f'site is "S{n}"' if n % 2 else f"image_count over {n}", lambda n: _effect(n * 5)),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn), "birth_date": date(2020, 1, 1 + turn)},
    ),
    Hard(
        name="unknown: 500 rules that route, under a guarantee of routes",
        more='guarantee "A" always route to general when image_count over 2\n',
        rules=rules(lambda n: f'site is "S{n}"' if n % 2 else f"image_count over {n}"),
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="unknown: 1,000 dues of every unit",
        rules=rules(lambda n: f'site is "S{n}"', lambda n: f"due within {length(n)}"),
        known=lambda turn: {"exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="unknown: 1,000 dues counting core",
        rules=rules(lambda n: f'site is "S{n}"', lambda n: f"due within {COUNT - n} hours counting core"),
        known=lambda turn: {"exam_end": NIGHT + timedelta(days=turn)},
    ),
    Hard(
        name="unknown: 500 groups with a default each",
        rules=[
            f'group "G{n}" when image_count over {n}\nrule "R{n}" when site is "S{n}" tag t{n}\n'
            f"otherwise tag u{n} due within {n + 1} working days\nend"
            for n in range(COUNT // 2)
        ],
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="unknown: one group of 1,000 rules with a default",
        rules=[
            'group "G" when image_count over 2',
            *rules(lambda n: f'site is "S{n}"', _effect),
            "otherwise tag u due within 1 working day priority stat\nend",
        ],
        known=lambda turn: _READ | {"exam_end": NIGHT + timedelta(hours=turn)},
    ),
    Hard(
        name="unknown: 1,000 ors of 5 of 7 attributes, `possibly`",
        rules=rules(
            lambda n: "possibly (" + " or ".join(f'{_ATTRIBUTES[(n + k) % 7]} is "S{n}"' for k in range(5)) + ")"
        ),
        known=lambda turn: {_ATTRIBUTES[turn % 7]: f"S{turn}"},
    ),
    Hard(
        name="unknown: 1,000 lookups by an unknown key",
        more=LOOKED_UP,
        files=FILES,
        rules=rules(lambda n: f"big[station, site].hours over {n}", _effect),
        known=lambda turn: {"station": f"x{turn}"},
    ),
    Hard(
        name="defines: 33 in a chain, named by 1,000 rules, unknown",
        more="define d0 as age under 16 years\n"
        + "".join(f'define d{n} as (d{n - 1} and site is "S{n}") or not d{n - 1}\n' for n in range(1, 33)),
        rules=rules(lambda n: f'd{n % 33} and location is "L{n}"'),
        known=lambda turn: {"location": f"L{turn}"},
    ),
)

GIVEN: Final = (*DUES, *AGES, *EFFECTS, *UNKNOWN)
