"""The life of items as plain dictionaries: what readers and supervisors do, and what must come of it. No store.

Times are minutes. `Lives` is the model that `test_lives` holds the worklists against.
"""

from __future__ import annotations

from typing import Any, Final

ANSWERS_WITHIN: Final = 8 * 60
READS_WITHIN: Final = 24 * 60
ASKER: Final = "ann"  # of every opinion
BREAST: Final = frozenset({"ann", "ben", "cat"})
READERS: Final = ("ann", "ben", "cat", "lee")
NEEDS: Final = {"breast": BREAST, "panel": BREAST}  # the lists that are not for everyone
RANKS: Final = ("stat", "urgent", "soon", "routine")
OPEN: Final = frozenset({"waiting", "claimed", "preliminary"})

Item = dict[str, Any]


class Refused(Exception):
    """An act that is refused; its text is the name of the exception that the library raises."""


def need(holds: object, error: str) -> None:
    """Refuse an act unless something holds."""
    if not holds:
        raise Refused(error)


class Lives:
    """Items by a key of the model's own, and what minute it is."""

    def __init__(self) -> None:
        self.now = 0.0
        self.items: dict[str, Item] = {}

    def open(self, name: str, kind: str, worklist: str, **more: Any) -> Item:
        """Begin an item."""
        self.items[name] = {
            "kind": kind,
            "worklist": worklist,
            "state": "waiting",
            "draft": False,
            "holder": None,
            "token": 0,
            "until": None,
            "asked": None,
            "handover": None,
            "passed": False,
            "filed": {},
            "final": None,
            "priority": "routine",
            "due": None,
        } | more
        return self.items[name]

    # time

    def wait(self, minutes: float) -> None:
        """Let time pass; what it brings comes in the order in which it was due."""
        self.now += minutes
        for item in self.items.values():
            if item["state"] == "claimed" and item["until"] <= self.now:
                self._free(item)
        for item in self.items.values():
            self._unanswered(item)
        self._arbitrate()

    def _unanswered(self, item: Item) -> None:
        if item["state"] not in OPEN or self._is_held(item):
            return
        if item["handover"] and item["handover"]["until"] <= self.now:
            item["asked"], item["handover"] = item["handover"]["was"], None
        elif item["kind"] == "opinion" and item["asked"] and not item["handover"] and item["due"] <= self.now:
            item["asked"] = None

    def _is_held(self, item: Item) -> bool:
        return item["state"] == "claimed" and item["until"] > self.now

    def _free(self, item: Item) -> None:
        item |= {"state": "preliminary" if item["draft"] else "waiting", "holder": None, "until": None}

    # who may

    def _may_take(self, item: Item, by: str) -> bool:
        if item["asked"] != by and by not in NEEDS.get(item["worklist"], READERS):
            return False
        binds = item["kind"] == "opinion" and not item["handover"] and item["asked"] is not None
        return item["asked"] == by or not binds or item["due"] <= self.now

    def _reads_twice(self, item: Item, by: str) -> bool:
        if item["kind"] == "arbitrate":
            if item["reason"] != "differ":
                return False
        elif item.get("position") is None:
            return False
        others = [
            one
            for one in self.items.values()
            if one is not item and one.get("position") and one["of"] == item["of"] and one["kind"] == "report"
        ]
        return any((self._is_held(one) and one["holder"] == by) or by in one["filed"] for one in others)

    # acts

    def claim(self, item: Item, by: str, lease: float) -> None:
        """Put it into the hands of a reader."""
        need(self._may_take(item, by), "NotAllowed")
        need(item["state"] in {"waiting", "preliminary"}, "TransitionRefused")
        need(not self._reads_twice(item, by), "NotAllowed")
        self._claim(item, by, lease)

    def _claim(self, item: Item, by: str, lease: float) -> None:
        item |= {"state": "claimed", "holder": by, "token": item["token"] + 1, "until": self.now + lease}

    def renew(self, item: Item, token: int, lease: float) -> None:
        """Lengthen the lease."""
        need(self._is_held(item) and item["token"] == token, "StaleClaim")
        item["until"] = self.now + lease

    def release(self, item: Item, token: int) -> None:
        """Give it back by its token."""
        need(self._is_held(item) and item["token"] == token, "StaleClaim")
        self._free(item)
        self._unanswered(item)
        self._arbitrate()

    def break_(self, item: Item) -> None:
        """End somebody's claim by a right."""
        need(item["state"] == "claimed", "TransitionRefused")
        self._free(item)
        self._unanswered(item)
        self._arbitrate()

    def _passable(self, item: Item, by: str) -> None:
        need(self._may_take(item, by), "NotAllowed")
        need(item["state"] != "claimed" or item["holder"] == by, "NotAllowed")

    def pass_to(self, item: Item, worklist: str, by: str) -> None:
        """Bring it to another list."""
        self._passable(item, by)
        need(worklist != item["worklist"], "TransitionRefused")
        need(item["state"] in OPEN, "TransitionRefused")
        if item["state"] == "claimed":
            self._free(item)
        item |= {"worklist": worklist, "asked": None, "handover": None, "passed": True}

    def hand_to(self, item: Item, reader: str, by: str) -> None:
        """Offer it to a reader."""
        self._passable(item, by)
        need(reader != by, "NotAllowed")
        need(item["state"] in OPEN, "TransitionRefused")
        if item["state"] == "claimed":
            self._free(item)
        was = item["handover"]["was"] if item["handover"] else item["asked"]
        item["handover"] = {"to": reader, "until": self.now + ANSWERS_WITHIN, "was": was}
        item["asked"] = reader
        self._arbitrate()

    def offer_to(self, item: Item, worklist: str, by: str) -> None:
        """Offer it to a list, of which a reader has to accept it."""
        self._passable(item, by)
        need(worklist != item["worklist"], "TransitionRefused")
        need(item["state"] in OPEN, "TransitionRefused")
        if item["state"] == "claimed":
            self._free(item)
        was = item["handover"]["was"] if item["handover"] else item["asked"]
        item["handover"] = {"to": None, "list": worklist, "until": self.now + ANSWERS_WITHIN, "was": was}
        item["asked"] = None
        self._arbitrate()

    def sees(self, item: Item, by: str) -> bool:
        """Whether it is on a reader's page: what they may take, and what a list of theirs is asked to accept."""
        to = item["handover"] and item["handover"].get("list")
        return self._may_take(item, by) or (to is not None and by in NEEDS.get(to, READERS))

    def _handed(self, item: Item, by: str) -> None:
        need(item["handover"] and item["state"] in OPEN and item["handover"]["until"] > self.now, "TransitionRefused")
        if (to := item["handover"].get("list")) is not None:
            need(by in NEEDS.get(to, READERS), "NotAllowed")
        else:
            need(item["handover"]["to"] == by, "NotAllowed")

    def accept(self, item: Item, by: str, lease: float) -> None:
        """Take what was offered."""
        self._handed(item, by)
        need(item["state"] != "claimed", "TransitionRefused")
        need(not self._reads_twice(item, by), "NotAllowed")
        if (to := item["handover"].get("list")) is not None:
            item |= {"worklist": to, "passed": True}
        item["handover"] = None
        self._claim(item, by, lease)

    def decline(self, item: Item, by: str) -> None:
        """Give back what was offered."""
        self._handed(item, by)
        item |= {"asked": item["handover"]["was"], "handover": None}
        self._unanswered(item)

    def report(self, item: Item, by: str, result: str, *, final: bool) -> None:
        """File a report without showing a token: by the holder, or where nobody holds it."""
        need(item["state"] != "claimed" or item["holder"] == by, "NotAllowed")
        need(self._may_take(item, by), "NotAllowed")
        need(not self._reads_twice(item, by), "NotAllowed")
        need(item["state"] in OPEN, "TransitionRefused")
        item["filed"][by] = True
        if not final:
            item["draft"] = True
            self._free(item)
            self._unanswered(item)
            self._arbitrate()
            return
        item |= {"state": "reported", "draft": False, "final": result, "holder": None, "until": None}
        if item["kind"] == "opinion":
            item |= {"unread": True, "answered": self.now}
        self._arbitrate()

    def acknowledge(self, item: Item, first: Item, by: str) -> None:
        """Read the answer to an opinion: who asked, and after a day whoever reads the list of the first item."""
        need(item["kind"] == "opinion" and item["state"] == "reported", "TransitionRefused")
        late = item["unread"] and item["answered"] + READS_WITHIN <= self.now
        need(by == ASKER or (late and by in NEEDS.get(first["worklist"], READERS)), "NotAllowed")
        item["unread"] = False

    def close(self, item: Item) -> None:
        """End it by a right."""
        need(item["state"] in OPEN, "TransitionRefused")
        item |= {"state": "closed", "draft": False, "holder": None, "until": None}
        self._arbitrate()

    def reopen(self, item: Item) -> None:
        """Bring it back; what was filed before is set aside."""
        need(item["state"] not in OPEN, "TransitionRefused")
        item |= {"state": "waiting", "final": None}
        self._unanswered(item)
        self._arbitrate()

    def override(self, item: Item, priority: str) -> None:
        """Change the priority by a right."""
        need(item["state"] in OPEN, "TransitionRefused")
        item["priority"] = priority

    # what several reads come to

    def _arbitrate(self) -> None:
        for of in {item["of"] for item in self.items.values() if item.get("position")}:
            finals = [
                item["final"] if item["state"] == "reported" else None
                for item in self.items.values()
                if item.get("position") and item["of"] == of
            ]
            self._verdict(of, None if None in finals else finals)

    def _verdict(self, of: str, finals: list[str] | None) -> None:
        name = f"{of} arbitrate"
        item = self.items.get(name)
        wanted = None
        if finals is not None and len(set(finals)) > 1:
            wanted = "differ", "panel"
        elif finals is not None and finals[0] == "RECALL":
            wanted = "agree", "assessment"
        if wanted is None:
            if item is not None:
                item["cause"] = None
                if item["state"] in {"waiting", "preliminary"}:
                    item |= {"state": "closed", "draft": False}
            return
        reason, worklist = wanted
        if item is None:
            item = self.open(name, "arbitrate", worklist, of=of)
        elif item.get("cause") is None and item["state"] not in OPEN:
            item |= {"state": "waiting"}
        item |= {"cause": wanted, "reason": reason}
        if item["state"] != "claimed" and item["state"] in OPEN and not item["passed"]:
            item["worklist"] = worklist
