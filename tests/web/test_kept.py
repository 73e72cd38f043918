"""What a process keeps: never stale, never more than it may."""

from __future__ import annotations

from courseware.web.kept import Kept


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    kept: Kept[str] = Kept(2)
    assert [kept.get(key, f"made {key}".__str__) for key in ("a", "b", "a", "c")] == ["made a", "made b", "made a", "made c"]
    assert kept.get("a", lambda: "anew") == "made a"
    assert kept.get("b", lambda: "anew") == "anew"


def test_what_grows_is_made_from_what_was_kept_and_stands_once() -> None:
    kept: Kept[tuple[int, ...]] = Kept(2)
    for number in range(3):
        assert kept.renew("run", lambda known: (*known, len(known)) if known else (0,)) == tuple(range(number + 1))
    kept.get("other", lambda: (7,))
    assert kept.renew("run", lambda known: known or ()) == (0, 1, 2), "three versions took one place"
    kept.get("third", lambda: (8,))
    assert kept.get("other", lambda: (9,)) == (9,), "a renewed value counts as asked for"
