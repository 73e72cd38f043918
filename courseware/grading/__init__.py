"""Rubrics, case answers, the grade ledger, evidence, mastery and the gradebook. Knows no page."""
