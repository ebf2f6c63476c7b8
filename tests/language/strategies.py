"""Generated syntax trees of every kind, for whoever states a law over all rulebooks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from routing import syntax
from routing.attributes import Type
from routing.diagnostics import Span
from routing.meaning.spelling import SPELLINGS

NOWHERE = Span(file="", line=1, column=1, end_line=1, end_column=1)
_NAMES = (
    "age",
    "site",
    "general",
    "first",
    "orbit",
    "android",
    "notable",
    "day",
    "x1",
    "list_2",
    "description",
    "gestation",
    "theatre_time",
    "head",
    "spine",
    "items_2",
    "until_then",
    "endocrine",
    "always_on",
)


yes = st.just(True)  # noqa: FBT003 - a value to draw


def node(kind: type, /, **parts: Any) -> st.SearchStrategy[Any]:
    """Nodes of one kind, nowhere."""
    return st.builds(kind, span=st.just(NOWHERE), **parts)


def several(parts: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(parts, min_size=least, max_size=most).map(tuple)


def maybe(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | parts


names = node(syntax.Name, text=st.sampled_from(_NAMES))
words = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffd\ufeff"), max_size=12)
texts = node(syntax.Text, text=words)
codes = node(syntax.Code, text=st.from_regex(r"[A-Z0-9]{0,2}[A-Z][A-Z0-9_]{0,3}(-[A-Z0-9]{1,3})?", fullmatch=True))
numbers = node(syntax.Number, value=st.integers(0, 99_999) | st.integers(0, 999).map(lambda tenths: tenths / 10))
counts = node(syntax.Number, value=st.integers(1, 9))
dates = node(syntax.Date, value=st.dates(min_value=dt.date(1000, 1, 1)))
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
instants = node(
    syntax.Instant,
    value=st.builds(
        lambda moment, zone: moment.replace(microsecond=0, fold=0, tzinfo=zone),
        st.datetimes(min_value=dt.datetime(1000, 1, 2), max_value=dt.datetime(9998, 1, 1)),  # noqa: DTZ001 - local ones
        st.none() | offsets,
    ),
)
times_of_day = node(syntax.TimeOfDay, minutes=st.integers(0, 24 * 60))
keys = names | codes | texts | numbers
cells = node(syntax.Cell, table=names, keys=several(keys), column=names | node(syntax.Name, text=st.just("group")))
lengths = node(syntax.Length, amount=numbers | counts | cells | names, unit=st.sampled_from(syntax.Unit))
clocks = node(syntax.Clock)
yes_no = node(syntax.YesNo, value=st.booleans())
special = node(syntax.Name, text=st.sampled_from(["none", "preliminary"]))
values = names | special | codes | texts | numbers | yes_no | lengths | dates | instants | cells | clocks
subjects = names | cells | clocks | node(syntax.ItemsOn, worklist=names) | node(syntax.OldestOn, worklist=names)
calendar_subjects = names | cells | clocks
lows = values.filter(lambda low: not isinstance(low, syntax.Number))  # a bare number takes the unit of the other end

comparisons = st.one_of(
    node(syntax.Is, subject=subjects, values=several(values), negated=st.booleans()),
    node(syntax.Includes, subject=subjects, quantity=st.sampled_from(syntax.Quantity), values=several(values)),
    node(syntax.Compare, subject=subjects, order=st.sampled_from(syntax.Order), value=values),
    node(syntax.InRange, subject=subjects, low=lows, high=values),
    node(syntax.Moment, subject=subjects, side=st.sampled_from(syntax.Side), value=values),
    node(syntax.Within, subject=subjects, length=lengths, side=maybe(st.sampled_from(syntax.Side)), other=values),
    node(
        syntax.Mentions,
        subject=subjects,
        phrases=several(texts),
        all_of=st.booleans(),
        excepted=several(texts, least=0),
        not_negated=st.booleans(),
    ),
    node(
        syntax.Spelt,
        subject=subjects,
        operator=st.sampled_from(sorted(SPELLINGS)),
        texts=several(texts),
        excepted=several(texts, least=0),
    ),
    node(
        syntax.Matches,
        subject=subjects,
        pattern=node(syntax.Pattern, text=st.from_regex(r"(?:[a-z0-9 .*\[\]#\"]|\\/|\\d){1,8}", fullmatch=True)),
    ),
    node(syntax.IsKnown, subject=subjects, negated=st.booleans()),
    node(syntax.Listed, subject=subjects, table=names, negated=st.booleans()),
    node(syntax.During, subject=maybe(subjects), times=names, outside=st.booleans()),
    node(syntax.OnCalendar, subject=maybe(calendar_subjects), calendar=names),
    node(syntax.InSample, percent=numbers),
    node(syntax.Named, name=names),
)


def _joined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        node(syntax.Not, condition=inner),
        node(syntax.Possibly, condition=inner),
        node(syntax.Certainly, condition=inner),
        node(syntax.And, parts=several(inner, least=2)),
        node(syntax.Or, parts=several(inner, least=2)),
    )


conditions = st.recursive(comparisons, _joined, max_leaves=5)

places = names | cells
starts = names | cells | clocks | instants | dates
dues = st.one_of(
    node(syntax.DueWithin, preliminary=st.booleans(), within=lengths, counting=maybe(names), start=maybe(starts)),
    node(syntax.DueByTime, preliminary=st.booleans(), time=times_of_day, day=maybe(st.sampled_from(syntax.NextDay))),
    node(syntax.DueByInstant, preliminary=st.booleans(), instant=starts, minus=maybe(lengths)),
)
tags = node(syntax.Tag, tags=several(names))
notices = node(syntax.Notify, channels=several(names))
also_reads = node(syntax.AlsoRead, worklist=places, within=maybe(lengths))
skill_sets = {"skills": several(names, least=2), "any_of": st.booleans()}
one_skill = {"skills": several(names, most=1)}
afters = lengths | node(syntax.Percent, amount=numbers)
escalations = st.one_of(
    node(syntax.Escalate, worklist=names, after=afters, until_claimed=st.booleans()),
    node(syntax.Escalate, channel=names, after=afters, until_claimed=st.booleans()),
    node(syntax.Escalate, worklist=names, overdue=yes, until_claimed=st.booleans()),
    node(syntax.Escalate, channel=names, overdue=yes, until_claimed=st.booleans()),
)
agreements = node(syntax.Agreement, code=codes | texts | names, worklist=names)
effects = st.one_of(
    node(syntax.RouteTo, worklist=places),
    node(syntax.SetPriority, value=places, table=maybe(names)),
    node(syntax.RaisePriority),
    dues,
    tags,
    notices,
    also_reads,
    node(syntax.Audit, worklist=places, within=lengths),
    node(
        syntax.ReadBy,
        count=counts,
        blind=st.booleans(),
        disagreement_to=maybe(names),
        agreements=several(agreements, least=0, most=2),
    ),
    node(syntax.OnlyReaders, **skill_sets) | node(syntax.OnlyReaders, **one_skill),
    node(syntax.ExcludeReaders, attributes=several(names)),
    node(syntax.ShowIdentity, **skill_sets) | node(syntax.ShowIdentity, **one_skill),
    escalations,
    node(syntax.Hold, at_most=maybe(lengths), until=conditions),
    node(syntax.OfferPrevious, within=lengths, lasting=lengths),
    node(syntax.OfferLeastLoaded, skill=maybe(names), lasting=lengths),
    node(syntax.OfferNamed, attribute=names, lasting=lengths),
    node(syntax.ReadTogether, attributes=several(names, least=0), within=lengths),
    node(syntax.Split, worklists=several(names), after=lengths),
    node(syntax.NoReport, reason=texts, policy=texts, until=dates),
)
watch_effects = st.one_of(
    effects,
    node(syntax.Escalate, worklist=names),
    node(syntax.MoveTo, worklist=names),
    node(syntax.DecideAgain, without=maybe(texts)),
)

weekdays = st.sampled_from(syntax.Weekday)
day_ranges = node(syntax.DayRange, first=weekdays, last=weekdays)
nth_weekdays = node(syntax.NthWeekday, nth=st.sampled_from(syntax.Nth), weekday=weekdays)
calendars = names.filter(lambda name: name.text != "first")  # `first` begins `first Thu of month`
hours = node(
    syntax.Hours,
    days=day_ranges | nth_weekdays | calendars,
    start=times_of_day,
    end=times_of_day,
    excepted=several(calendars, least=0),
)
readers = st.one_of(
    node(syntax.Everyone), node(syntax.ReadersWith, **skill_sets), node(syntax.ReadersWith, **one_skill)
)
whens = maybe(conditions)
types = st.sampled_from(Type)
terms = names | numbers | lengths | cells
sources = st.one_of(
    node(syntax.FromHl7, path=texts),
    node(syntax.FromDicom, path=texts),
    names,
    cells,
    node(syntax.Sum, terms=several(terms, least=2)),
    node(syntax.Sum, terms=several(numbers | lengths, most=1)),
)
zones = node(syntax.Name, text=st.sampled_from(["Europe/London", "America/Port-au-Prince", "Etc/GMT+1", "UTC"]))

declarations = st.one_of(
    node(syntax.RulebookName, name=texts),
    node(syntax.Language, version=counts),
    node(syntax.Timezone, zone=zones, when=whens),
    node(syntax.ClockFrom, attributes=several(names)),
    node(syntax.Priorities, names=several(names)),
    node(syntax.Include, path=texts, when=whens),
    node(syntax.Table, name=names, path=texts, keys=several(names)),
    node(syntax.Calendar, name=names, source=texts | codes),
    node(syntax.Workdays, days=several(day_ranges), excepted=several(names, least=0), when=whens),
    node(syntax.Times, name=names, hours=several(hours), when=whens),
    node(syntax.Values, attribute=names, values=several(codes | texts | names | special)),
    node(syntax.Values, attribute=names, source=texts),
    node(syntax.Skills, names=several(names)),
    node(syntax.Channels, names=several(names)),
    node(syntax.AttributeDeclaration, name=names, type=types, sources=several(sources)),
    node(syntax.Fact, name=names, type=types),
    node(syntax.Define, name=names, condition=conditions),
    node(syntax.Worklist, name=names, title=maybe(texts), readers=maybe(readers)),
    node(syntax.Exceptions, effects=several(effects)),
)

rules = node(
    syntax.Rule, name=texts, kind=st.sampled_from(syntax.Kind), when=whens, unless=whens, effects=several(effects)
)
otherwises = node(syntax.Otherwise, effects=several(effects))


def _groups(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return node(
        syntax.Group, name=texts, when=whens, unless=whens, members=several(members), otherwise=maybe(otherwises)
    )


groups = _groups(rules | _groups(rules))
promises = st.one_of(
    node(syntax.NeverRoute, worklists=several(names)),
    node(syntax.AlwaysRoute, worklists=several(names)),
    dues,
    node(syntax.PriorityAtLeast, priority=names),
    node(syntax.ReadByAtLeast, count=counts),
    node(syntax.NeverClose),
    node(syntax.NeverHold),
)
watch_conditions = st.one_of(
    st.fixed_dictionaries({"when": st.none(), "until": st.none()}),
    st.fixed_dictionaries({"when": conditions, "until": whens}),
)
watch_times = st.sampled_from([{}, {"each_item": True}, {"each_item": True, "worklist": True}])


@st.composite
def watches(draw: st.DrawFn) -> syntax.Watch:
    each = draw(st.booleans())
    at = draw(maybe(times_of_day))
    return syntax.Watch(
        name=draw(texts),
        at=at,
        working_days=at is not None and draw(st.booleans()),
        each_item=each,
        worklist=draw(maybe(names)) if each else None,
        **draw(watch_conditions),
        effects=draw(several(watch_effects)),
        span=NOWHERE,
    )


sort_keys = names | node(syntax.Name, text=st.sampled_from(["priority", "due"]))
views = node(
    syntax.View,
    name=texts,
    readers=readers,
    worklists=several(names),
    when=whens,
    sorted_by=several(sort_keys, least=0),
)
given_values = st.one_of(texts, codes, numbers, dates, instants, lengths, names, special, yes_no, node(syntax.Unknown))
expectations = st.one_of(
    node(syntax.ExpectRoute, route=node(syntax.RouteTo, worklist=places), rule=maybe(texts)),
    node(syntax.ExpectRoute, route=node(syntax.RouteTo, worklist=places), by_otherwise=yes),
    node(syntax.SetPriority, value=names),
    dues,
    also_reads,
    tags,
    notices,
    node(syntax.ExpectUndecided, attributes=several(names, least=0), negated=st.booleans()),
    node(syntax.ExpectClosed, negated=st.booleans()),
    node(syntax.ExpectReads, count=counts),
)
examples = node(
    syntax.Example,
    name=texts,
    sample=maybe(texts),
    given=several(node(syntax.Given, name=names, values=several(given_values)), least=0),
    expect=several(expectations),
)

statements = st.one_of(
    declarations,
    rules,
    groups,
    otherwises,
    node(syntax.Guarantee, name=texts, promise=promises, when=whens),
    watches(),
    views,
    examples,
    node(syntax.ExamplesFrom, path=texts),
)
rulebooks = node(syntax.Rulebook, statements=several(statements, least=0, most=6))
