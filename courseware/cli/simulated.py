"""The demo's class: invented people who do real work through the real actions, so that every page has something to show."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from courseware import clock, db
from courseware.assessment import attempts as quizzes
from courseware.assessment.papers import Paper
from courseware.assessment.questions import Question
from courseware.compile import Course
from courseware.grading import actions as grading
from courseware.grading.handing_in import hand_in_quiz, hand_in_scenario
from courseware.grading.models import CaseAnswer
from courseware.people import actions as people
from courseware.people.access import Who
from courseware.people.models import Person, Role
from courseware.people.passwords import hash_password
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.play import Step
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import State, checkout
from courseware.web.site import Site

PASSWORD = "demo-demo"  # noqa: S105 -- the demo's own, printed at its start
CODE = "KF26-2"
GREETING = f"""
  The demo is at http://127.0.0.1:{{port}}  (stop it with Ctrl+C)

  Sign in with the password {PASSWORD} as
    lin      learner, in the middle of Module 1
    wuhao    learner, who has not begun
    chen     instructor of both
    zhao     manager of a new hire
    sunjie   the new hire, with a scenario passed, one half done and one not passed
    admin    administrator
  or register as a new learner with the class code {CODE}. All these people are invented.
"""


@dataclass(frozen=True)
class Pupil:
    """An invented learner: how often an answer is right, and how far the learner got (0 nothing … 5 all)."""

    login: str
    name: str
    skill: float
    reach: int


PUPILS = (
    Pupil("lin", "Lin Xiaoyu 林晓雨", 0.80, 4),
    Pupil("wuhao", "Wu Hao 吴昊", 0.0, 0),
    Pupil("bailu", "Bai Lu 白鹭", 0.92, 5),
    Pupil("caiwen", "Cai Wen 蔡雯", 0.75, 5),
    Pupil("dengke", "Deng Ke 邓可", 0.62, 5),
    Pupil("fengyi", "Feng Yiran 冯怡然", 0.88, 5),
    Pupil("gutian", "Gu Tian 顾天", 0.55, 4),
    Pupil("hexin", "He Xin 何欣", 0.70, 5),
    Pupil("jiangtao", "Jiang Tao 江涛", 0.46, 5),
    Pupil("kangle", "Kang Le 康乐", 0.81, 3),
    Pupil("majun", "Ma Jun 马骏", 0.40, 2),
    Pupil("nieyun", "Nie Yun 聂云", 0.78, 5),
)
NEW_HIRE = Pupil("sunjie", "Sun Jie 孙洁", 0.83, 3)


def make(site: Site, progress: Callable[[int, int], None] = lambda done, of: None) -> None:
    """Make the demo's people and let them work, on the days before today. Deterministic but for the dates."""
    rng = random.Random(2026)
    now = clock.now().replace(microsecond=0)
    hashed = hash_password(PASSWORD)
    with db.session(site.school, write=True) as session:
        staff = _staff(session, hashed, now - timedelta(days=20))
        learners = {pupil: _learner(session, pupil, hashed, now - timedelta(days=19), staff) for pupil in (*PUPILS, NEW_HIRE)}
        group = people.add_class(session, name="Service 2026-2 客服2班", code=CODE, instructor_id=staff["chen"].id, now=now - timedelta(days=20))
        for pupil, person in learners.items():
            if pupil is not NEW_HIRE:
                people.enrol(session, class_id=group.id, person_id=person.id, now=now - timedelta(days=19))
        teacher = Who(staff["chen"].id, "chen", staff["chen"].name, Role.INSTRUCTOR, "en")
        due = {"scenario:SC31": 2, "quiz:m1": 4, "scenario:SC28": 5, "case:CS2": 6, "case:CS8": 9}
        for work, days in due.items():
            if work in site.course().works:
                people.set_due(session, class_id=group.id, work=work, due_at=now + timedelta(days=days), by=teacher, now=now - timedelta(days=18))
    for done, (pupil, person) in enumerate(learners.items(), 1):
        with db.session(site.school, write=True) as session:
            _work(session, site.course(), pupil, person.id, rng, now)
        progress(done, len(learners))
    with db.session(site.school, write=True) as session:
        _mark_some(session, site.course(), teacher, now - timedelta(hours=20))


def _staff(session: Session, hashed: str, at: datetime) -> dict[str, Person]:
    def one(login: str, name: str, role: Role) -> Person:
        return people.add_person(session, login=login, name=name, role=role, password_hash=hashed, now=at)

    cast = (("chen", "Chen Yu 陈宇", Role.INSTRUCTOR), ("zhao", "Zhao Ming 赵明", Role.MANAGER), ("admin", "Zhou Fang 周芳", Role.ADMINISTRATOR))
    return {login: one(login, name, role) for login, name, role in cast}


def _learner(session: Session, pupil: Pupil, hashed: str, at: datetime, staff: dict[str, Person]) -> Person:
    manager = staff["zhao"].id if pupil is NEW_HIRE else None
    return people.add_person(session, login=pupil.login, name=pupil.name, role=Role.LEARNER, password_hash=hashed, now=at, manager_id=manager)


def _work(session: Session, course: Course, pupil: Pupil, person_id: int, rng: random.Random, now: datetime) -> None:
    """Work in the order of the module, as far as the learner got."""
    begun = now - timedelta(days=rng.randint(4, 12), minutes=rng.randint(0, 600))
    if pupil.reach >= 1 and "SC31" in course.scenarios:
        _scenario(session, course, course.scenarios["SC31"], pupil, person_id, rng, begun)
    if pupil.reach >= 2:
        _quiz(session, course, pupil, person_id, rng, begun + timedelta(days=1))
    if pupil.reach >= 3 and "SC28" in course.scenarios:
        _scenario(session, course, course.scenarios["SC28"], pupil, person_id, rng, begun + timedelta(days=2))
    if pupil.reach >= 4:
        _case(session, course, "CS2", pupil, person_id, rng, begun + timedelta(days=3))
    if pupil.reach >= 5 and pupil.skill > 0.7:
        _quiz(session, course, pupil, person_id, rng, begun + timedelta(days=3, hours=5))
    if pupil is NEW_HIRE:
        _three_scenarios(session, course, person_id, rng, now)


def _scenario(session: Session, course: Course, scenario: Scenario, pupil: Pupil, person_id: int, rng: random.Random, at: datetime) -> None:
    """Play the reference, or one of the near-misses where the learner's luck fails; then hand in."""
    seed = rng.getrandbits(32)
    script = scenario.reference if rng.random() < pupil.skill else rng.choice(scenario.near_misses).script
    attempt, state = _play(session, course, scenario, script, person_id, seed, at)
    hand_in_scenario(session, attempt, scenario=scenario, state=state, now=at + timedelta(minutes=16))


def _play(session: Session, course: Course, scenario: Scenario, script: Sequence[Step], person_id: int, seed: int, at: datetime) -> tuple[SandboxAttempt, State]:
    state = checkout(course.base)
    attempt = sandboxes.start(
        session, person_id=person_id, scenario=scenario, state=state, base_identity=course.base.identity, revision_id=course.revision, seed=seed, language="en", now=at
    )
    sandboxes.play_script(session, attempt, scenario=scenario, state=state, script=script, now=at + timedelta(minutes=14))
    return attempt, state


def _three_scenarios(session: Session, course: Course, person_id: int, rng: random.Random, now: datetime) -> None:
    """Leave one scenario passed, one handed in and not passed, and one half done after a check that told what is missing."""
    passed, failed, half = (course.scenarios.get(id) for id in ("SC11", "SC14", "SC13"))
    if passed:
        attempt, state = _play(session, course, passed, passed.reference, person_id, rng.getrandbits(32), now - timedelta(days=3))
        hand_in_scenario(session, attempt, scenario=passed, state=state, now=now - timedelta(days=3, minutes=-21))
    if failed:
        attempt, state = _play(session, course, failed, failed.near_misses[0].script, person_id, rng.getrandbits(32), now - timedelta(days=2))
        hand_in_scenario(session, attempt, scenario=failed, state=state, now=now - timedelta(days=2, minutes=-24))
    if half:
        attempt, state = _play(session, course, half, half.reference[: len(half.reference) // 2], person_id, rng.getrandbits(32), now - timedelta(hours=20))
        sandboxes.check(session, attempt, scenario=half, state=state, now=now - timedelta(hours=20, minutes=-15))


def _quiz(session: Session, course: Course, pupil: Pupil, person_id: int, rng: random.Random, at: datetime) -> None:
    quiz = course.quizzes["m1"]
    attempt = quizzes.start(session, person_id=person_id, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=None, now=at, rng=rng)
    paper = Paper.from_json(attempt.paper)

    def resolve(id: str) -> Question:
        return course.questions[id].resolve(paper.seed)

    for number, asked in enumerate(paper.questions, 1):
        question = resolve(asked.id)
        response = question.correct() if rng.random() < pupil.skill else _wrong(question, rng)
        quizzes.save_answer(session.connection(), attempt.id, attempt.paper, question_id=asked.id, response=response, sequence=1, key=f"demo-{number}", now=at + timedelta(seconds=40 * number))
    hand_in_quiz(session, attempt, resolve=resolve, now=at + timedelta(minutes=17))


def _wrong(question: Question, rng: random.Random) -> object:
    """Something a learner might answer instead: the right answer with a part changed, or another choice."""
    right = question.correct()
    if isinstance(right, dict):
        keys = sorted(right)
        values = [right[key] for key in keys]
        return dict(zip(keys, values[1:] + values[:1], strict=True))
    if isinstance(right, list):
        return rng.sample(right, max(1, len(right) - 1))
    orders = question.shuffle(rng)
    others = [option for options in orders.values() for option in options if option != right]
    return rng.choice(others) if others else {"true": "false", "false": "true"}.get(str(right), "0")


PARAGRAPHS = (
    "The bank sold itself to its own people first, because a teller who does not believe in the product cannot sell it. The staff are the first market.",
    "I place the teller and the switchboard among the direct contacters. The branch manager meets customers, but mostly changes what tellers can do, so she intervenes indirectly.",
    "The credit analyst and the product designer never meet anybody and still decide what the customer gets; they are influencers. The programmer is called isolated, yet when the app is down she is very near.",
    "Strategic and tactical are not two lists. A training class in a bank where only relatives are promoted makes people cynical; fair promotion comes first, then the class means something.",
    "On a teller's Monday I would change two things: clear rules on who becomes a senior teller, and a plan that tells her on Friday which campaign starts on Monday.",
    "The chain runs from the IT programmer to the teller to the customer at the counter. It breaks where the programmer has no internal customer who may appraise her work.",
    "To measure it I would ask the staff every quarter how satisfied they are as customers of the head office, and look at the share of complaints closed in a day the quarter after.",
)


def _case(session: Session, course: Course, id: str, pupil: Pupil, person_id: int, rng: random.Random, at: datetime) -> None:
    if id not in course.cases:
        return
    case = course.cases[id]
    answer = grading.open_case(session, person_id=person_id, case=case, revision=course.revision, language="en", due_at=None, now=at)
    chosen: Sequence[str] = [question.id for question in case.questions[: case.choose]]
    text = "\n\n".join(sorted(rng.sample(PARAGRAPHS, 3 + round(4 * pupil.skill)), key=PARAGRAPHS.index))
    grading.save_case(session, answer, text=text, questions=chosen, sequence=1, due_at=None, now=at + timedelta(minutes=50))
    if pupil.login != "lin":
        grading.hand_in_case(session, answer, case=case, now=at + timedelta(minutes=55))


def _mark_some(session: Session, course: Course, teacher: Who, at: datetime) -> None:
    """Mark the first four answers, release the first two of them: the rest waits for whoever tries the demo."""
    answers = session.query(CaseAnswer).filter_by(status="submitted").order_by(CaseAnswer.id).limit(4).all()
    for place, answer in enumerate(answers):
        case = course.cases[answer.case_id]
        levels = {criterion.id: min(3, max(0, len(answer.text) // 330 + (place + row) % 2 - 1)) for row, criterion in enumerate(case.criteria)}
        comment = "You give reasons for your classes, and that carries the answer. The measure still needs a unit and a date: which survey, when, compared with what?"
        grading.mark_case(session, answer, case=case, levels=levels, comment=comment, seen=0, by=teacher, now=at)
        if place < 2:
            grading.release_case(session, answer, case=case, by=teacher, now=at + timedelta(minutes=30))
