"""What every answer of the site carries, what no page may hold, and what is refused before a page is asked."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import flask
import pytest

from courseware.web.app import BODY_LIMIT, HEADERS, create_app
from courseware.web.site import Site
from courseware.web.static_files import FOLDER, address

PAGES = ("/", "/learn", "/learn/1.1", "/learn/1.3", "/learn/1.4", "/learn/1.5", "/glossary", "/about")
VENDORED = json.loads((FOLDER / "vendor" / "manifest.json").read_text())


def policy(answer: Any) -> dict[str, list[str]]:
    directives = [directive.split() for directive in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in directives}


@pytest.mark.parametrize("path", [*PAGES, "/sign-in", "/register", "/nowhere", "/static/css/site.css", "/static/none.css"])
def test_every_answer_carries_the_headers(browser: Any, path: str) -> None:
    for visitor in (browser(), browser("lin")):
        answer = visitor.get(path)
        for name, value in HEADERS.items():
            if name != "Cache-Control" or "css" not in path:
                assert answer.headers[name] == value, (path, name)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_errors_and_refusals_carry_the_headers_too(browser: Any, app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise ZeroDivisionError

    lin = browser("lin")
    monkeypatch.setitem(app.view_functions, "learn.glossary", fail)
    for answer, status in ((lin.get("/glossary"), 500), (lin.get("/sign-out"), 405), (lin.client.post("/language"), 400), (lin.post("/sign-in", {"login": "x" * BODY_LIMIT}), 413)):
        assert answer.status_code == status
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
        assert "<h1>" in answer.text and "Traceback" not in answer.text and "ZeroDivision" not in answer.text


def test_the_policy_allows_nothing_inline_and_nobody_to_frame_us(browser: Any) -> None:
    found = policy(browser().get("/sign-in"))
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == found["style-src"] == found["connect-src"] == found["font-src"] == found["form-action"] == ["'self'"]
    assert found["frame-ancestors"] == found["base-uri"] == found["object-src"] == ["'none'"]
    assert "unsafe" not in str(found) and "*" not in str(found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_of_the_book_holds_a_style_or_a_script_of_its_own(browser: Any, language: str) -> None:
    lin = browser("lin")
    lin.post("/language", {"language": language})
    for path in (*PAGES, "/nowhere"):
        page = lin.get(path).text
        assert "<style" not in page, path
        assert not re.findall(r'<[a-z][^>]*\s(?:style|on[a-z]+)\s*=', page, re.I), path
        assert not re.findall(r"javascript:", page, re.I), path
        assert all(re.search(r'\ssrc="/static/', tag) for tag in re.findall(r"<script[^>]*>", page)), path
        assert all(link.startswith("/static/") for link in re.findall(r'<(?:link|script|img|source)\b[^>]*?(?:href|src)="([^"]+)"', page)), path


def test_private_pages_are_not_kept_and_static_files_for_ever(browser: Any) -> None:
    lin = browser("lin")
    assert lin.get("/learn/1.1").headers["Cache-Control"] == "no-store"
    static = lin.get(address("css/site.css"))
    assert static.status_code == 200 and static.content_type == "text/css; charset=utf-8"
    assert static.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in static.headers


def test_the_address_of_a_static_file_changes_with_its_content() -> None:
    for name in ("css/site.css", "logo.svg"):
        mark = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
        assert address(name) == f"/static/{name}?v={mark}"


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/css/../../site.py", "/static/..%5capp.py", "/static/"])
def test_nothing_beside_the_static_folder_is_served(browser: Any, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code in (308, 404)
    assert "import" not in answer.text


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_what_is_vendored_is_what_was_published(name: str) -> None:
    assert hashlib.sha256((FOLDER / "vendor" / name).read_bytes()).hexdigest() == VENDORED[name]["sha256"]
    assert {"package", "version", "licence"} <= set(VENDORED[name])


def test_everything_vendored_is_in_the_manifest_with_a_licence() -> None:
    files = {path.name for path in (FOLDER / "vendor").iterdir()} - {"manifest.json"}
    assert {name for name in files if not name.endswith(".LICENSE")} == set(VENDORED)
    assert {f"{entry['package']}.LICENSE" for entry in VENDORED.values()} <= files


# Tokens and limits


@pytest.mark.parametrize("token", [None, "", "wrong", "IjEi.aaaa.bbbb"])
def test_a_form_without_its_token_is_refused_and_what_was_typed_stands_on_the_page(browser: Any, token: str | None) -> None:
    lin = browser("lin")
    typed = {"text": "A long answer, typed for an hour. <b>客户</b>", "short": "x", "password": "a secret password"}
    answer = lin.client.post("/learn/1.1/check/chk-1-1-a", data=typed if token is None else {**typed, "csrf_token": token})
    assert answer.status_code == 400
    assert "Open the page again and send it once more; nothing has been changed." in answer.text
    assert "A long answer, typed for an hour. &lt;b&gt;客户&lt;/b&gt;</textarea>" in answer.text
    assert "a secret password" not in answer.text


def test_the_token_of_another_person_does_not_fit(browser: Any) -> None:
    lin, wuhao = browser("lin"), browser("wuhao")
    assert lin.client.post("/language", data={"csrf_token": wuhao.token, "language": "zh"}).status_code == 400


def test_every_route_that_changes_something_asks_for_a_token(browser: Any, app: flask.Flask) -> None:
    lin = browser("lin")
    values = {"section_id": "1.1", "question_id": "chk-1-1-a"}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            path = app.url_map.bind("localhost").build(rule.endpoint, {name: values.get(name, 1) for name in rule.arguments}, method="POST")
            assert lin.client.post(path).status_code == 400, rule


def test_a_body_over_the_limit_is_refused_with_a_plain_page(browser: Any) -> None:
    lin = browser("lin")
    answer = lin.post("/learn/1.1/check/chk-1-1-a", {"chk-1-1-a": "x" * (BODY_LIMIT + 1)})
    assert answer.status_code == 413
    assert "at most 512 kB" in answer.text and len(answer.data) < 20_000
    assert lin.post("/learn/1.1/check/chk-1-1-a", {"chk-1-1-a": "x" * (BODY_LIMIT - 10_000)}).status_code == 200


def test_a_program_gets_its_refusal_as_data(browser: Any) -> None:
    answer = browser("lin").client.post("/language", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json) == {"error"}


@pytest.mark.parametrize("path", ["/%00", "/learn/%ff", "/learn?q=%00", "/glossary?q=%00%ff", "/glossary?q=" + "x" * 5000, "/sign-in?next=%00", "//evil.example/", "/learn;x"])
def test_odd_addresses_are_answered_and_never_a_crash(browser: Any, path: str) -> None:
    assert browser("lin").get(path).status_code in (200, 303, 308, 400, 404)


def test_behind_https_the_cookie_is_secure_and_bound_to_the_host(site: Site) -> None:
    app = create_app(site, "a secret key for tests, long enough to be one", https=True)
    flags = app.test_client().get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    assert flags.startswith("__Host-courseware=") and "Secure" in flags and "Path=/" in flags and "Domain" not in flags
