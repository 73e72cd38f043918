"""Draw the figures of docs/sandbox.md from a base file: `python -m tests.sandbox.draw_base BASE.sqlite` writes docs/pictures/base-*.svg."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from html import escape
from itertools import accumulate
from pathlib import Path

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 640, 230, 52, 22, 34, 30


def bars(title: str, values: Sequence[tuple[str, float]], every: int = 1) -> str:
    """Draw a bar chart; every n-th bar has its label written."""
    most, step = max(value for _, value in values), (WIDTH - LEFT - RIGHT) / len(values)
    parts = []
    for place, (label, value) in enumerate(values):
        height, x = (HEIGHT - TOP - BOTTOM) * value / most, LEFT + place * step
        parts.append(f'<rect x="{x + step * 0.1:.1f}" y="{HEIGHT - BOTTOM - height:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}"/>')
        if place % every == 0:
            parts.append(f'<text x="{x + step / 2:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{escape(label)}</text>')
    return _frame(title, f"{most:,.0f}", "".join(parts))


def curve(title: str, shares: Sequence[float], mark: float) -> str:
    """Draw a growing share over the share of customers, with the mark's point written out."""
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    points = [(LEFT + wide * (place + 1) / len(shares), HEIGHT - BOTTOM - high * share) for place, share in enumerate(shares)]
    x, y = points[round(len(shares) * mark) - 1]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in points[:: max(1, len(points) // 200)])
    said = f"the first {mark:.0%}: {shares[round(len(shares) * mark) - 1]:.1%} of the revenue"
    labels = "".join(f'<text x="{LEFT + wide * tenth / 4:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{tenth * 25} %</text>' for tenth in range(5))
    drawn = f'<polyline points="{line}" fill="none" stroke="#2f6f8f" stroke-width="2"/><circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    return _frame(title, "100 %", f'{drawn}<text x="{x + 10:.1f}" y="{y + 4:.1f}">{said}</text>{labels}')


def _frame(title: str, top: str, inside: str) -> str:
    floor = HEIGHT - BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="11">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/><text x="{LEFT}" y="18" font-size="13" font-weight="bold">{escape(title)}</text>'
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{top}</text><text x="{LEFT - 6}" y="{floor}" text-anchor="end">0</text>'
        f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" stroke="#888" fill="none"/><g fill="#2f6f8f">{inside}</g></svg>\n'
    ).replace('<text x="', '<text fill="#222" x="')


def figures(base: sqlite3.Connection) -> dict[str, str]:
    """Give every figure by its name."""

    def pairs(sql: str) -> list[tuple[str, float]]:
        return [(str(label), float(value)) for label, value in base.execute(sql)]

    revenue = [value for _, value in pairs(
        "SELECT account_id, sum(total) FROM orders WHERE account_id IS NOT NULL AND status <> 'cancelled' GROUP BY account_id ORDER BY 2 DESC"
    )]  # fmt: skip
    days = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    weekdays = pairs("SELECT strftime('%w', opened_at), count(*) FROM cases GROUP BY 1")
    hours = pairs("SELECT substr(opened_at, 12, 2), count(*) FROM cases GROUP BY 1")
    contacts = pairs("SELECT min(n, 12), count(*) FROM (SELECT count(*) n FROM contacts WHERE account_id IS NOT NULL GROUP BY account_id) GROUP BY 1 ORDER BY 1")
    ages = "CAST(julianday('2026-03-16') - julianday(opened_at) AS INTEGER)"
    bands = ((7, "under a week"), (14, "1–2 weeks"), (30, "2–4 weeks"), (90, "1–3 months"), (180, "3–6 months"), (365, "6–12 months"), (10_000, "over a year"))
    open_ages = [age for (age,) in base.execute(f"SELECT {ages} FROM cases WHERE status NOT IN ('resolved', 'closed')")]
    limits = [0, *(limit for limit, _ in bands)]
    aged = [(label, float(sum(limits[place] <= age < limit for age in open_ages))) for place, (limit, label) in enumerate(bands)]
    return {
        "revenue": curve("Share of the revenue by share of the customers, the greatest first", [part / sum(revenue) for part in accumulate(revenue)], 0.04),
        "months": bars("Orders a month", pairs("SELECT substr(ordered_on, 3, 5), count(*) FROM orders GROUP BY 1 ORDER BY 1"), every=3),
        "weekdays": bars("Cases by weekday and by hour of opening", [*((days[int(day)], count) for day, count in weekdays), ("", 0.0), *hours]),
        "contacts": bars("Accounts by number of contacts (12: twelve or more)", contacts),
        "ages": bars("Open cases by age", aged),
    }


def main() -> None:
    with sqlite3.connect(f"{Path(sys.argv[1]).absolute().as_uri()}?mode=ro", uri=True) as base:
        for name, svg in figures(base).items():
            (PICTURES / f"base-{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
