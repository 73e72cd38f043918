"""A browser as quiz.js is one: one save of a question under way, sent unchanged until the server has answered it; and the log of what was acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from courseware.assessment.attempts import digest
from tests.chaos.classroom import Seat
from tests.chaos.line import BROKEN, request

GIVES_UP = 120  # seconds after which a trial is no trial any more


@dataclass(frozen=True)
class Acknowledged:
    """One answer that a learner was told is saved: what was sent, and the sequence it built on."""

    attempt: int
    question: str
    sequence: int
    sha256: str
    at: str
    base: int
    is_late: bool


@dataclass
class Log:
    """What happened, as the learners saw it."""

    saved: list[Acknowledged] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)  # seconds from the first sending to the acknowledgement
    refused: int = 0  # times the server held a newer answer than the learner knew of
    repeated: int = 0  # sendings beyond the first
    false: int = 0  # acknowledgements that named something else than was sent


@dataclass
class Learner:
    """One window of a learner. `port` is where the line begins; `wrong` is by how many seconds this device's clock is off."""

    seat: Seat
    port: int
    log: Log
    rng: random.Random
    patience: float = 10.0
    pause: float = 0.05  # before a save is sent again, at first
    wrong: float = 0.0
    base: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def headers(self) -> dict[str, str]:
        clock = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + self.wrong))
        return {"Cookie": self.seat.cookie, "X-CSRFToken": self.seat.csrf, "Origin": f"http://127.0.0.1:{self.port}", "Accept": "application/json", "Date": clock}

    async def save(self, question: str, text: str) -> dict[str, Any]:
        """Send an answer until the server has said something about it; give what it said."""
        response, base, began = {"inside": text}, self.base[question], time.monotonic()
        sent = {"question": question, "response": response, "sequence": base + 1, "key": uuid4().hex, "at": time.time() + self.wrong}
        body = json.dumps(sent).encode()
        said = await self._send(f"/attempts/{self.seat.attempt}/answers", body)
        is_saved = said["received"] == sha256(body).hexdigest() and (said["late"] or (said["kept"] and said["sequence"] == base + 1))
        if not is_saved:
            self.log.refused += 1
            return said
        self.log.waits.append(time.monotonic() - began)
        self.log.false += said["sha256"] != digest(response)
        self.log.saved.append(Acknowledged(self.seat.attempt, question, base + 1, digest(response), said["at"], base, said["late"]))
        self.base[question] = base + 1
        return said

    async def _send(self, path: str, body: bytes) -> dict[str, Any]:
        pause, until, status, said = self.pause, time.monotonic() + GIVES_UP, 0, b""
        while time.monotonic() < until:
            try:
                status, said = await request(self.port, path, {**self.headers, "Content-Type": "application/json"}, body, self.patience)
                if status < 500:
                    assert status == 200, (status, said[:300])
                    found: dict[str, Any] = json.loads(said)
                    return found
            except BROKEN:
                pass
            self.log.repeated += 1
            await asyncio.sleep(pause * (0.5 + self.rng.random() / 2))
            pause = min(1.0, 2 * pause)
        raise AssertionError(f"not acknowledged within {GIVES_UP} s: {status} {said[-300:]!r}")

    async def hand_in(self) -> int:
        status, _ = await request(self.port, f"/attempts/{self.seat.attempt}/hand-in", {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}, b"", 60)
        return status

    def text(self) -> str:
        return f"answer {self.rng.getrandbits(64):x} 客户"
