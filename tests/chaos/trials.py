"""The trials, each with its counts as arguments: short ones run with the tests, long ones by `make chaos`."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections import Counter
from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from courseware import clock, db
from courseware.assessment.models import HandedIn, QuizAttempt, Receipt
from courseware.assessment.papers import grace_of
from tests.chaos.audit import Verdict, audit
from tests.chaos.classroom import TYPING, Seat
from tests.chaos.learners import Learner, Log
from tests.chaos.line import BadLine
from tests.chaos.served import Server


async def _type(learner: Learner, saves: int) -> None:
    """Change one answer after the other, in random order, each on top of the last."""
    for _ in range(saves):
        await learner.save(learner.rng.choice(TYPING), learner.text())


def hostile_network(school: db.School, port: int, seats: Sequence[Seat], *, saves: int, seed: int = 1, hold: float = 0.4) -> tuple[Verdict, Log, Counter[str]]:
    """Save over a line that loses, doubles and reorders a tenth of the requests each. Nobody else writes, so no save may be refused."""
    log, rng = Log(), random.Random(seed)

    async def run() -> Counter[str]:
        async with BadLine(port, rng, hold=hold).open() as line:
            learners = [Learner(seat, line.port, log, random.Random(rng.random()), patience=hold) for seat in seats]
            await asyncio.gather(*(_type(learner, saves) for learner in learners))
            return line.done

    done = asyncio.run(run())
    return audit(school, log), log, done


def killed(school: db.School, server: Server, seats: Sequence[Seat], *, kills: int, each: int, seed: int = 2) -> tuple[Verdict, Log]:
    """Kill the process group of the server so often in a burst of saves, each time after up to twice `each` acknowledgements. It is started again at once, and the browsers go on."""
    log, rng = Log(), random.Random(seed)

    async def run() -> None:
        learners = [Learner(seat, server.port, log, random.Random(rng.random())) for seat in seats]
        is_over = asyncio.Event()

        async def burst(learner: Learner) -> None:
            while not is_over.is_set():
                await _type(learner, 1)

        typing = [asyncio.create_task(burst(learner)) for learner in learners]
        for _ in range(kills):
            reached = len(log.saved) + rng.randint(1, 2 * each)
            while len(log.saved) < reached and not any(task.done() for task in typing):
                await asyncio.sleep(0.002)
            server.kill()
            server.start()
        is_over.set()
        await asyncio.gather(*typing)

    asyncio.run(run())
    return audit(school, log), log


def races(school: db.School, port: int, seats: Sequence[Seat], *, parallel: int, saves: int = 10, within: float = 0.05, seed: int = 3) -> tuple[Verdict, Log, Counter[int]]:
    """Hand in every attempt so many times `within` some seconds, with saves of the same attempt in between. What was acknowledged in time is in the hand-in.

    The time of every second attempt ends in the middle of that, so that sweepers and late saves hand it in as well.
    """
    log, rng, answers = Log(), random.Random(seed), Counter[int]()

    async def race(seat: Seat, ends: bool) -> None:
        learner = Learner(seat, port, log, random.Random(rng.random()), patience=60)
        await _type(learner, 2)
        if ends:
            await asyncio.to_thread(_end, school, [seat], clock.now() + timedelta(seconds=2 * within))
        crowd: list[Coroutine[Any, Any, Any]] = [_after(learner.rng.random() * within * (3 if ends else 1), learner.hand_in()) for _ in range(parallel)]
        for question in TYPING:  # one window types into each question, so that all race with the hand-ins
            crowd.insert(learner.rng.randrange(len(crowd)), _window(Learner(seat, port, log, random.Random(rng.random()), base=learner.base.copy(), patience=60), question, saves))
        answers.update(found for found in await asyncio.gather(*crowd) if isinstance(found, int))

    async def run() -> None:
        for number, seat in enumerate(seats):
            await race(seat, ends=bool(number % 2))

    asyncio.run(run())
    return audit(school, log), log, answers


def _end(school: db.School, seats: Sequence[Seat], end: datetime) -> None:
    """Lay the deadline of attempts so that the grace after it ends at a moment."""
    mine = QuizAttempt.id.in_([seat.attempt for seat in seats])
    with db.session(school, write=True) as session:
        grace = grace_of(session.scalars(select(QuizAttempt.paper).where(mine).limit(1)).one())
        session.execute(update(QuizAttempt).where(mine).values(deadline_at=end - grace))


async def _after(wait: float, work: Coroutine[Any, Any, Any]) -> Any:
    await asyncio.sleep(wait)
    return await work


async def _window(learner: Learner, question: str, saves: int) -> None:
    learner.base.setdefault(question, 0)
    for _ in range(saves):
        if (await learner.save(question, learner.text()))["late"]:
            return


def late_in_silence(school: db.School, log: Log) -> int:
    """Answers acknowledged as late of which no trace is shown, or that count all the same."""
    with db.session(school) as session:
        shown = {tuple(row) for row in session.execute(select(Receipt.attempt_id, Receipt.question_id, Receipt.sha256).where(Receipt.late_response.is_not(None)))}
        given = {tuple(row) for row in session.execute(select(HandedIn.attempt_id, HandedIn.question_id))}
    late = [one for one in log.saved if one.is_late]
    return sum((one.attempt, one.question, one.sha256) not in shown for one in late) + sum((one.attempt, one.question) not in given for one in late)


def wrong_clocks(school: db.School, port: int, seats: Sequence[Seat], *, seconds: float, seed: int = 4) -> tuple[Verdict, Log, int]:
    """Save across a deadline from devices whose clocks are a day off either way; give also how often early or late was told wrongly.

    The deadlines are laid so that the grace after them ends in the middle of the trial.
    """
    log, rng = Log(), random.Random(seed)
    learners = [Learner(seat, port, log, random.Random(rng.random()), wrong=86_400 * (-1) ** number) for number, seat in enumerate(seats)]

    async def device(learner: Learner, until: datetime) -> None:
        while clock.now() < until:
            await _type(learner, 1)
            await asyncio.sleep(0.02)
        await _type(learner, 1)

    async def run() -> datetime:
        await asyncio.gather(*(_type(learner, 1) for learner in learners))
        end = clock.now() + timedelta(seconds=seconds / 2)
        await asyncio.to_thread(_end, school, seats, end)
        await asyncio.gather(*(device(learner, end + timedelta(seconds=seconds / 2)) for learner in learners))
        return end

    end = asyncio.run(run())
    verdict = audit(school, log)
    mistaken = sum(one.is_late != (datetime.fromisoformat(one.at) > end) for one in log.saved)
    return verdict, log, mistaken


def windows(school: db.School, port: int, seats: Sequence[Seat], *, each: int, saves: int, seed: int = 5) -> tuple[Verdict, Log, int]:
    """Open every attempt in several windows that all change the same answers; give also how often one overwrote what it had not been told of.

    A window whose save is refused has been told of the other answer; then it insists, as with "Keep mine", or takes the other.
    """
    log, rng = Log(), random.Random(seed)

    async def window(seat: Seat) -> None:
        learner = Learner(seat, port, log, random.Random(rng.random()))
        for _ in range(saves):
            question = learner.rng.choice(TYPING[:2])
            said = await learner.save(question, learner.text())
            while not said["kept"]:
                learner.base[question] = said["sequence"]
                if learner.rng.random() < 0.5:
                    break
                said = await learner.save(question, learner.text())

    async def run() -> None:
        await asyncio.gather(*(window(seat) for seat in seats for _ in range(each)))

    asyncio.run(run())
    return audit(school, log), log, _silent(log)


def _silent(log: Log) -> int:
    """Saves that replaced another answer than the one their window knew of."""
    count = 0
    for place in {(one.attempt, one.question) for one in log.saved}:
        row = sorted((one.sequence, one.base) for one in log.saved if (one.attempt, one.question) == place)
        count += sum(base != before for (_, base), before in zip(row, [0, *(sequence for sequence, _ in row)], strict=False))
    return count


def lesson(school: db.School, port: int, seats: Sequence[Seat], *, seconds: float, every: float = 5.0, seed: int = 6) -> tuple[Verdict, Log, list[float]]:
    """Let a class save every few seconds, each at a moment of their own; give the acknowledgement's p50, p95 and p99 in milliseconds."""
    log, rng = Log(), random.Random(seed)

    async def sit(learner: Learner) -> None:
        loop = asyncio.get_running_loop()
        due, end = loop.time() + rng.random() * every, loop.time() + seconds
        while due < end:
            await asyncio.sleep(due - loop.time())
            await _type(learner, 1)
            due += every

    async def run() -> None:
        await asyncio.gather(*(sit(Learner(seat, port, log, random.Random(rng.random()))) for seat in seats))

    asyncio.run(run())
    cuts = statistics.quantiles(log.waits, n=100)
    return audit(school, log), log, [round(1000 * cuts[at - 1], 1) for at in (50, 95, 99)]


