"""`demo`, `serve` and `init`: start the site."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from typing import Any

import waitress

from courseware import clock, db, shipped
from courseware.cli import simulated, worker
from courseware.cli.content import publish
from courseware.cli.school import add_options, is_empty, open_school, open_site, secret_key
from courseware.people import actions
from courseware.people.models import Role
from courseware.people.passwords import hash_password
from courseware.web.app import create_app

CONNECTIONS = 1000  # open at a time: each browser of a class keeps its own, and waitress alone would leave the 101st waiting


def add(commands: Any) -> None:
    demo = commands.add_parser("demo", help="serve the shipped course with demo people and a simulated class")
    add_options(demo)
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--reset", action="store_true", help="throw the demo's data away and begin anew")
    demo.set_defaults(run=run_demo)
    serve = commands.add_parser("serve", help="serve a school for real, behind a web server that speaks HTTPS")
    add_options(serve)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--threads", type=int, default=8)
    serve.add_argument("--http", action="store_true", help="no HTTPS in front: cookies are not marked Secure")
    serve.add_argument("--proxy", metavar="ADDRESS", help="the web server in front, whose X-Forwarded-For is believed; without it every learner has its address")
    serve.add_argument("--no-worker", action="store_true", help="`courseware worker` runs beside and hands in what ran out of time")
    serve.set_defaults(run=run_serve)
    init = commands.add_parser("init", help="make the tables of a school, publish the shipped course, add an administrator")
    add_options(init)
    init.add_argument("--administrator", metavar="LOGIN", required=True, help="sign-in name; the password is read from COURSEWARE_PASSWORD")
    init.set_defaults(run=run_init)


def run_demo(options: argparse.Namespace) -> int:
    if options.reset:  # the demo's own files alone, whatever else the folder holds
        for made in options.instance.glob("school.sqlite*"):
            made.unlink()
    fresh = not (options.instance / "school.sqlite").exists() or is_empty(open_school(options, create=True))
    site = open_site(options, create=True)
    if fresh:
        print("Making the demo: publishing the course, then a class that learns for a fortnight …", flush=True)
        publish(site.school, shipped.root())
        simulated.make(site, progress=lambda done, of: print(f"\r  {done} of {of} learners", end="", flush=True))
        print()
    _ = site.course().base  # built now, so that nobody's first scenario waits for it
    print(simulated.GREETING.format(port=options.port), flush=True)
    with worker.beside(site):
        waitress.serve(create_app(site, secret_key(options.instance), demo=True), host="127.0.0.1", port=options.port, threads=8, _quiet=True)
    return 0


def run_serve(options: argparse.Namespace) -> int:
    site = open_site(options)
    _ = site.course().base  # built now, so that nobody's first scenario waits for it
    print(f"Serving the school {options.school!r} on http://127.0.0.1:{options.port}")
    app = create_app(site, secret_key(options.instance), https=not options.http)
    proxy = {"trusted_proxy": options.proxy, "trusted_proxy_headers": "x-forwarded-for", "clear_untrusted_proxy_headers": True} if options.proxy else {}
    with contextlib.nullcontext() if options.no_worker else worker.beside(site):
        waitress.serve(app, host="127.0.0.1", port=options.port, threads=options.threads, connection_limit=CONNECTIONS, asyncore_use_poll=True, **proxy)
    return 0


def run_init(options: argparse.Namespace) -> int:
    password = os.environ.get("COURSEWARE_PASSWORD")
    if not password:
        print("courseware: put the administrator's password into COURSEWARE_PASSWORD", file=sys.stderr)
        return 1
    hashed = hash_password(password)
    school = open_school(options, create=True)
    publish(school, shipped.root())
    with db.session(school, write=True) as session:
        actions.add_person(session, login=options.administrator, name=options.administrator, role=Role.ADMINISTRATOR, password_hash=hashed, now=clock.now())
    print(f"The school {options.school!r} is ready. Start it with `courseware serve`.")
    return 0


