"""Trials of the promise that no acknowledged answer is lost: a hostile network, killed servers, races. `python -m tests.chaos` runs the long ones."""
