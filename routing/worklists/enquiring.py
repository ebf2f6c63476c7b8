"""Enquiries: somebody asked where a report is. It is evidence, and asked again it escalates (I19)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from routing.states import Event
from routing.store.protocol import Writing
from routing.store.records import Item, Move
from routing.worklists.judging import Judge
from routing.worklists.keeping import LIBRARY, Keeper, newest_open
from routing.worklists.living import ENQUIRIES
from routing.worklists.rights import require_name
from routing.worklists.shelf import StoreShelf
from routing.worklists.waking import notice_of

ENQUIRY: Final = "enquiry"
_ESCALATES_AT: Final = 2  # the enquiry that escalates, once


def enquire(tx: Writing, judge: Judge, number: int, by: str, hold: timedelta) -> tuple[Item, ...]:
    """Write on every open item of a procedure that somebody asked for it; the second one tells its list, once.

    Where nothing is open it is written on the newest report item, as evidence alone: there is nobody to hurry.
    """
    require_name(by, "enquire")
    still = tx.items_of(number, open_only=True)
    if not still and (last := newest_open(tx.items_of(number))) is not None:
        tx.move(last, Move(event=Event.NOTE, actor=by, reason=ENQUIRY))
    for item in still:
        asked = int(item.details.get(ENQUIRIES, 0)) + 1
        details = {**item.details, ENQUIRIES: asked}
        item = tx.move(item, Move(event=Event.NOTE, actor=by, reason=ENQUIRY, changes={"details": details}))  # noqa: PLW2901 - as it now stands
        if asked == _ESCALATES_AT:
            body = {"enquiries": asked, "due": tx.now.isoformat()}
            item = tx.move(item, Move(event=Event.ESCALATE, actor=LIBRARY, reason="asked for again", body=body))  # noqa: PLW2901 - as above
            tx.notify(item.worklist, notice_of(item, ENQUIRY, tx.now) | {"enquiries": asked}, item.id)
    Keeper(tx, judge, hold=hold).keep(number, StoreShelf(tx).procedure(number))
    return tx.items_of(number)
