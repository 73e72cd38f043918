"""Signing in and out, registering, choosing the language: over HTTP, with tokens, on a real school."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from courseware import clock, db
from courseware.people import actions
from courseware.people.models import Enrolment, LoginSession, Person
from courseware.web.site import Site

WRONG = "This sign-in name and password do not fit together. Check both; capital letters count in the password."
REGISTER = {"code": "KF26-2", "name": "Ma Li 马丽", "login": "mali", "password": "a long secret"}


def cookie(client: Any) -> str:
    found = client.client.get_cookie("courseware")
    return found.value if found else ""


# Signing in


def test_signing_in_leads_home_and_is_remembered(browser: Any) -> None:
    visitor = browser()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"login": " LIN ", "password": "demo-demo"})
    assert (answer.status_code, answer.location) == (303, "/")
    home = visitor.get("/")
    assert home.status_code == 200 and "Lin Xiaoyu" in home.text
    assert visitor.get("/sign-in").location == "/"


@pytest.mark.parametrize(("login", "password"), [("lin", "Demo-demo"), ("nobody", "demo-demo"), ("lin", "demo-demo "), ("", ""), ("lin' --", "x"), ("林" * 60, "x"), ("lin", "x" * 5000)])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(browser: Any, login: str, password: str) -> None:
    visitor = browser()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"login": login, "password": password})
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert password.strip() == "" or f'value="{password}"' not in answer.text
    assert visitor.get("/learn").status_code == 303


def test_what_was_typed_as_a_name_stays_in_the_field(browser: Any) -> None:
    visitor = browser()
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"login": 'x"><script>', "password": "a secret word"})
    assert 'value="x&#34;&gt;&lt;script&gt;"' in answer.text
    assert "a secret word" not in answer.text


def test_after_ten_wrong_passwords_even_the_right_one_has_to_wait(browser: Any, site: Site) -> None:
    now = clock.now()
    with db.session(site.school, write=True) as session:
        for _ in range(actions.MOST_FAILURES - 1):
            actions.note_failure(session, ["login:lin", "address:elsewhere"], now)
    visitor = browser()
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", {"login": "lin", "password": "wrong"}).status_code == 422
    answer = visitor.post("/sign-in", {"login": "lin", "password": "demo-demo"})
    assert answer.status_code == 429
    assert "Too many wrong passwords. Please wait 15 minutes, then try again." in answer.text
    assert visitor.post("/sign-in", {"login": "wuhao", "password": "demo-demo"}).status_code == 303


def test_somebody_made_inactive_is_signed_out_and_cannot_sign_in(browser: Any, site: Site) -> None:
    lin = browser("lin")
    with db.session(site.school, write=True) as session:
        session.scalars(select(Person).where(Person.login == "lin")).one().is_active = False
    assert lin.get("/learn").status_code == 303
    lin.get("/sign-in")
    answer = lin.post("/sign-in", {"login": "lin", "password": "demo-demo"})
    assert answer.status_code == 422 and WRONG in answer.text


def test_a_page_that_needs_a_person_comes_back_after_signing_in(browser: Any) -> None:
    visitor = browser()
    sent = visitor.get("/glossary?q=client")
    assert (sent.status_code, sent.location) == (303, "/sign-in?next=/glossary?q%3Dclient")
    visitor.get(sent.location)
    answer = visitor.post(sent.location, {"login": "lin", "password": "demo-demo"})
    assert answer.location == "/glossary?q=client"


ELSEWHERE = ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "evil.example", "http:evil.example", "///evil.example", "/%09/evil.example", ""]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(browser: Any, address: str) -> None:
    visitor = browser()
    visitor.get("/sign-in")
    answer = visitor.client.post("/sign-in", query_string={"next": address}, data={"csrf_token": visitor.token, "login": "lin", "password": "demo-demo"})
    assert answer.status_code == 303
    assert answer.location == "/" or answer.location.startswith("/%09/")


# Sessions


def test_the_session_is_another_one_after_signing_in(browser: Any) -> None:
    visitor = browser()
    visitor.get("/sign-in")
    before, token = cookie(visitor), visitor.token
    visitor.post("/sign-in", {"login": "lin", "password": "demo-demo"})
    assert cookie(visitor) != before
    visitor.get("/learn")
    assert visitor.token != token
    stale = visitor.client.post("/language", data={"csrf_token": token, "language": "zh"})
    assert stale.status_code == 400


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(browser: Any) -> None:
    visitor = browser()
    answer = visitor.get("/sign-in")
    flags = answer.headers["Set-Cookie"]
    assert "HttpOnly" in flags and "SameSite=Lax" in flags


def test_signing_out_revokes_the_session_also_for_a_kept_cookie(browser: Any, site: Site) -> None:
    lin = browser("lin")
    kept = cookie(lin)
    answer = lin.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "You are signed out." in lin.get("/sign-in").text
    thief = browser()
    thief.client.set_cookie("courseware", kept)
    assert thief.get("/learn").status_code == 303
    with db.session(site.school) as session:
        assert session.scalars(select(LoginSession.revoked_at)).one() is not None


def test_signing_out_everywhere_ends_the_other_browser_too(browser: Any) -> None:
    here, there, other = browser("lin"), browser("lin"), browser("wuhao")
    assert here.post("/sign-out-everywhere").status_code == 303
    assert there.get("/learn").status_code == 303
    assert other.get("/learn").status_code == 200


@pytest.mark.parametrize("path", ["/sign-out", "/sign-out-everywhere", "/language"])
def test_nothing_changes_by_a_mere_link(browser: Any, path: str) -> None:
    lin = browser("lin")
    assert lin.get(path).status_code == 405
    assert lin.get("/learn").status_code == 200


# Registering


def test_a_class_code_makes_an_account_in_that_class(browser: Any, site: Site) -> None:
    visitor = browser()
    visitor.get("/register")
    answer = visitor.post("/register", REGISTER)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Ma Li 马丽" in visitor.get("/").text
    with db.session(site.school) as session:
        person = session.scalars(select(Person).where(Person.login == "mali")).one()
        assert person.role == "learner" and "secret" not in person.password_hash
        assert session.scalars(select(Enrolment).where(Enrolment.person_id == person.id)).one()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"code": "NONE"}, "code", "No class has the code NONE."),
        ({"login": "lin"}, "login", "The sign-in name lin is taken."),
        ({"login": "Ma Li"}, "login", "A sign-in name has 3 to 40 small letters"),
        ({"password": "short"}, "password", "A password has 8 to 200 characters."),
        ({"name": "  "}, "name", "Please give your name"),
    ],
)
def test_what_was_typed_stays_when_registering_fails_but_never_the_password(browser: Any, site: Site, wrong: dict[str, str], field: str, sentence: str) -> None:
    visitor = browser()
    visitor.get("/register")
    typed = {**REGISTER, **wrong}
    answer = visitor.post("/register", typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="f-{field}" name="{field}"' in answer.text and 'aria-invalid="true"' in answer.text
    for name in ("code", "name", "login"):
        assert f'value="{typed[name]}"' in answer.text
    assert typed["password"] not in answer.text
    with db.session(site.school) as session:
        assert session.scalar(select(Person).where(Person.login == "mali")) is None


def test_nobody_registers_as_more_than_a_learner(browser: Any, site: Site) -> None:
    visitor = browser()
    visitor.get("/register")
    assert visitor.post("/register", {**REGISTER, "role": "administrator", "is_active": "0", "manager_id": "1"}).status_code == 303
    with db.session(site.school) as session:
        person = session.scalars(select(Person).where(Person.login == "mali")).one()
        assert (person.role, person.manager_id, person.is_active) == ("learner", None, True)


# Language


def test_the_language_is_switched_on_the_page_one_is_on_and_kept(browser: Any, site: Site) -> None:
    lin = browser("lin")
    answer = lin.post("/language", {"language": "zh"}, headers={"Referer": "http://localhost/glossary?q=client"})
    assert (answer.status_code, answer.location) == (303, "/glossary?q=client")
    assert '<html lang="zh-CN">' in lin.get("/learn").text
    with db.session(site.school) as session:
        assert session.scalars(select(Person.language).where(Person.login == "lin")).one() == "zh"
    assert '<html lang="zh-CN">' in browser("lin").get("/learn").text


def test_a_visitor_reads_in_the_language_of_the_browser_or_the_one_chosen(browser: Any) -> None:
    visitor = browser()
    assert '<html lang="zh-CN">' in visitor.get("/sign-in", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}).text
    assert '<html lang="en">' in visitor.get("/sign-in", headers={"Accept-Language": "de"}).text
    visitor.post("/language", {"language": "zh"})
    assert '<html lang="zh-CN">' in visitor.get("/sign-in", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("language", ["de", "", "en; DROP", "../zh"])
def test_an_unknown_language_changes_nothing(browser: Any, language: str) -> None:
    lin = browser("lin")
    assert lin.post("/language", {"language": language}).status_code == 303
    assert '<html lang="en">' in lin.get("/learn").text


@pytest.mark.parametrize("referrer", ["http://localhost//evil.example/x", "https://evil.example", "http://localhost/\\evil.example", "nonsense", "http://[broken"])
def test_switching_the_language_never_leads_to_another_site(browser: Any, referrer: str) -> None:
    lin = browser("lin")
    answer = lin.post("/language", {"language": "en"}, headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (303, "/")
