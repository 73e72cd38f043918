"""Assessment: questions and their kinds, quizzes, papers, attempts, statistics. It knows no page, no grade and no objective's mastery."""

from courseware.assessment import kinds as kinds  # whoever reads a question needs the kinds to be found
