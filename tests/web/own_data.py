"""A small quiz about the practice CRM, for tests: a figure from the learner's own data, a query, records; checked at the end, or at once."""

from __future__ import annotations

FORM = """
id: own-a
questions:
  - id: own-count
    kind: numeric
    objective: K1.1
    section: "1.1"
    level: apply
    difficulty: 0.5
    points: 3
    vary:
      day: {range: [1, 28]}
    sandbox:
      take:
        late: {measure: {take: count, value: id, rows: {table: cases, where: {status: [open, waiting], opened_at: {at_most: "2026-02-{day:02d} 23:59"}}}}}
        every: {sql: "SELECT count(*) FROM cases WHERE opened_at <= '2026-02-{day:02d} 23:59'"}
    stem:
      en: "How many cases opened by the end of 2026-02-{day:02d} are still open or waiting for the customer?"
      zh: "截至2026-02-{day:02d}打开的工单中，还有多少仍在处理或等待客户？"
    answer: "= late"
    wrong:
      - {value: "= every", feedback: {en: "These are all cases; filter by status.", zh: "这是全部工单；请按状态筛选。"}}
    feedback: {en: "Filter by status and day: {late}.", zh: "按状态和日期筛选：{late}。"}
  - id: own-query
    kind: sql
    objective: K1.1
    section: "1.1"
    level: apply
    difficulty: 0.5
    points: 4
    rule: rows-f1
    stem: {en: "List the code and name of every department.", zh: "列出每个部门的代码和名称。"}
    reference: "SELECT id, name FROM departments"
    wrong:
      - {reference: "SELECT id, name FROM departments WHERE id < 5", feedback: {en: "Not only the first ones.", zh: "不只是前几个。"}}
    feedback: {en: "No filter is needed.", zh: "不需要筛选。"}
  - id: own-records
    kind: records
    objective: K1.1
    section: "1.1"
    level: apply
    difficulty: 0.5
    points: 3
    vary:
      place: {range: [0, 39]}
    reference: "SELECT no FROM cases WHERE status = 'open' ORDER BY id LIMIT 2 OFFSET {place}"
    stem: {en: "Which two open cases follow the first {place}?", zh: "前{place}个处理中的工单之后是哪两个？"}
    feedback: {en: "Sort by number.", zh: "按编号排序。"}
"""

QUIZ = """
id: {id}
title: {{en: "The firm in figures", zh: "数字里的公司"}}
module: M1
attempts: 3
behaviour: {behaviour}
forms: {{A: own-a}}
"""

FILES = {
    "quizzes/own-a.yaml": FORM.encode(),
    "quizzes/own.yaml": QUIZ.format(id="own", behaviour="deferred").encode(),
    "quizzes/own-now.yaml": QUIZ.format(id="own-now", behaviour="immediate").encode(),
}

SCENARIO = """
id: own-work
questions:
  - id: own-scenario
    kind: scenario
    objective: A1.1
    section: "1.1"
    level: apply
    difficulty: 0.5
    points: 6
    sandbox: {scenario: SC31}
    stem: {en: "Somebody without a file is on the line. Open the CRM and do what the situation asks.", zh: "电话那头的人还没有档案。打开CRM，按情境要求处理。"}
    feedback: {en: "Ask before you write, and write only what is needed.", zh: "先问再记，只记需要的。"}
"""
FILES |= {
    "quizzes/own-work.yaml": SCENARIO.encode(),
    "quizzes/work.yaml": QUIZ.format(id="work", behaviour="deferred").replace("own-a", "own-work").encode(),
}
