"""SQL over one's own sandbox, read only: worker.py runs a query in a process of its own, pool.py keeps such processes, wording.py says plainly what was wrong."""
