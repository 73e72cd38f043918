"""The glossary: every word the course has promised, each name once, and one spelling of every word in all texts of the course.

`python -m tests.content.test_glossary` prints what the test of spellings finds, with file and line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from courseware.course.faults import Faults
from courseware.course.model import Material, Term
from courseware.course.reader import read_material
from courseware.course.revisions import read_folder
from courseware.course.yaml import load
from courseware.i18n import LANGUAGES
from courseware.shipped import root

WORDS = {
    "M1": "customer; client; broad customer; external customer; internal customer; rank customer; condition customer; task customer; function customer; work-procedure customer; process customer; vertical management; internal relationship marketing; special-interest party; service catalogue; chargeback",
    "M2": "relationship; behavioural feature; feeling feature; repeat purchase; cross-purchase; word of mouth; customer relationship life cycle; identification stage; development stage; stability stage; decline stage; asymmetry; relationship cost; relationship return; basic relationship; reactive relationship; accountable relationship; proactive relationship; partnership; marginal profit; relationship management; loyalty",
    "M3": "customer relationship management (CRM); management idea; management mechanism; management technology; customer-centred; product-centred; customer value; one-to-one marketing; personalised marketing; sales force automation (SFA); computer telephony integration (CTI); interactive voice response (IVR); core competence",
    "M4": "information silo; communication blind spot; customer churn; single customer view; account brief; hand-over; decision analysis",
    "M5": "account; contact; lead; opportunity; case / ticket; interaction; journal / audit log; data quality; de-duplication; merge; survivorship rule; personal information; consent; withdrawal / opt-out; suppression list; data steward; integration; information resources management (IRM); enterprise resource planning (ERP); decision support system (DSS); supply chain integration; just in time (JIT); flexibility",
    "M6": "campaign; attribution; return on investment (ROI); lead qualification; lead scoring; segmentation; key account; suitable customer; telesales; quotation; discount authority; commitment register; coverage model",
    "M7": "contact centre; omnichannel; queue; priority; escalation; service-level agreement (SLA); complaint; acknowledgement; remedy; root cause; knowledge base; self-service; work order; dispatch; first-time fix; misoperation; empathy; de-escalation",
    "M8": "after-call work; average handle time (AHT); average speed of answer (ASA); service level; abandonment rate; first-contact resolution (FCR); customer satisfaction (CSAT); net promoter score (NPS); customer effort score (CES); retention rate; share of wallet; customer lifetime value (CLV); cost to serve; non-response bias; courtesy bias; six sigma; span; metrics portfolio; incentive; perverse incentive; occupancy",
    "M9": "orientation; configuration; seamless connection; turf war; economies of scale; profit-and-loss responsibility; business process re-engineering (BPR); customer ecosystem; feasibility assessment; entry point; executive sponsor; acceptance test; phased implementation",
    "M10": "team leader; quality assurance (QA); calibration; critical error; workforce planning; shrinkage; career path; vocational skill level; AI agent; human hand-over",
}

# Other names of a word that a text could slip into, besides what differs only by hyphen, space or capitals.
RIVALS = {
    "en": {
        "customer relationship management": ["customer relations management", "client relationship management", "customer relation management"],
        "customer relationship life cycle": ["relationship lifecycle", "relationship life-cycle", "relationship cycle"],
        "personalised marketing": ["individualised marketing", "customised marketing"],
        "chargeback": ["charge-back", "charge back system"],
        "contact centre": ["service centre", "call-centre"],
        "sales force automation": ["salesforce automation"],
        "computer telephony integration": ["computer-telephone integration", "computer telephone integration"],
        "customer lifetime value": ["life-time value", "life time value", "customer life value"],
        "retention rate": ["retainment rate"],
        "first-contact resolution": ["first contact solution", "first-call resolution", "first call resolution"],
        "customer churn": ["customer attrition"],
    },
    "zh": {
        "客户关系管理": ["顾客关系管理", "客户关系治理", "客户关系经营"],
        "客户关系生命周期": ["关系生存周期", "关系寿命周期", "关系周期"],
        "内部客户": ["内部顾客"], "外部客户": ["外部顾客"], "广义客户": ["广义顾客"], "特殊利益成员": ["特殊利益方", "特殊利益者", "特殊利益集团"],
        "工序客户": ["工序顾客", "工步客户"], "垂直管理": ["纵向管理", "直线管理"], "内部关系营销": ["内部营销关系", "对内关系营销"],
        "服务目录": ["服务清单目录"], "内部计费": ["内部收费制", "内部记账"], "重复购买": ["重购", "反复购买"], "交叉购买": ["交叉销售"],
        "伙伴型": ["合作伙伴型", "伙伴式"], "能动型": ["主动型"], "被动型": ["反应型"], "边际利润": ["边际收益"],
        "以客户为中心": ["以顾客为中心"], "一对一营销": ["一对一行销", "1对1营销"], "个性化营销": ["个别化营销"],
        "销售自动化": ["销售力量自动化", "销售队伍自动化"], "计算机电话集成": ["电脑电话集成", "计算机电话整合"], "核心竞争力": ["核心能力"],
        "信息孤岛": ["数据孤岛"], "沟通盲区": ["沟通盲点"], "客户流失": ["顾客流失"], "统一客户视图": ["单一客户视图", "客户统一视图"],
        "商机": ["销售机会"], "工单": ["服务请求单", "服务工单"], "交互记录": ["互动记录"], "去重": ["排重"], "合并": [], "抑制名单": ["黑名单", "屏蔽名单", "拒收名单"],
        "撤回同意": ["撤销同意", "收回同意"], "退订": ["取消订阅"], "信息资源管理": ["资讯资源管理"], "企业资源规划": ["企业资源计划"], "准时制": ["及时制", "准时化"],
        "投资回报率": ["投资收益率"], "客户细分": ["顾客细分", "客户分群"], "折扣权限": ["打折权限"], "联络中心": ["客服中心", "客户服务中心", "联系中心"],
        "服务等级协议": ["服务水平协议", "服务级别协议"], "知识库": ["知识文库"], "派工单": ["派工票"], "派单": ["派工员", "派工调度"], "数据专员": ["数据管理员"], "话后处理": ["事后处理", "话务后处理"],
        "首次解决率": ["一次解决率", "首次联络解决率", "首解率"], "客户满意度": ["顾客满意度"], "净推荐值": ["净推荐度", "净推荐分"], "客户保留率": ["客户留存率", "顾客保留率"],
        "钱夹份额": ["钱包份额"], "客户终身价值": ["客户生命周期价值", "顾客终身价值"], "六西格玛": ["六西格马", "六个西格玛", "6西格玛"], "座席": ["坐席"],
        "业务流程重组": ["业务流程再造", "业务流程重构"], "无缝联接": ["无缝连接", "无缝链接"], "班组长": ["小组长"], "排班管理": ["排班规划"], "转人工": ["转接人工"],
    },
}  # fmt: skip
VERBS = {"hand over", "opt out"}  # of the nouns hand-over and opt-out
AMERICAN = re.compile(
    r"\b(?:\w*(?:behavior|center(?!pi)|catalog(?!ue)|color|favor|honor|labor(?!at)|neighbor|enroll(?!ed)|fulfill(?!ed|ing)|judgment|acknowledgment|skillful)\w*"
    r"|\w{3,}(?<!pri)(?<!si)(?<!sei)(?<!cap)iz(?:e|ed|es|ing|ation|ations|er|ers))\b",
    re.IGNORECASE,
)
BRITISH_TOO = re.compile(r"prize|seize|resize|citizen|horizon|laborator|centering", re.IGNORECASE)
NOT_OURS = re.compile(r"Personal Information Protection Law|Department of Labor|“call center”", re.IGNORECASE)  # names, and a word quoted as it was printed
MARKS = re.compile(r"\(ref:[^)]*\)|\[\^[^\]]*\]|https?://\S+|\b\w+_\w+\b|^(?:::: |use: ).*")  # ids and addresses


@cache
def material() -> Material:
    """The shipped course, whatever else may be wrong with it."""
    read = read_material(read_folder(root()), Faults())
    assert read is not None
    return read


def spelt_otherwise(line: str) -> Iterator[str]:
    """Give what in a line differs from the glossary: hyphen, space, capitals, American spelling, another name."""
    line = NOT_OURS.sub(" ", MARKS.sub(" ", line))
    for found in _forms().finditer(line):
        name = _names()[re.sub("[ -]", "", found[1]).lower()]
        if found[1] not in (name, name[0].upper() + name[1:]) and found[1].lower() not in VERBS:
            yield f"{found[1]!r}, in the glossary {name!r}"
    for found in AMERICAN.finditer(line):
        if not BRITISH_TOO.search(found[0]):
            yield f"{found[0]!r} is American"
    for language, words in RIVALS.items():
        for name, rivals in words.items():
            rest = line.replace(name, "") if language == "zh" else line
            yield from (f"{rival!r}, in the glossary {name!r}" for rival in rivals if rival in rest)


@cache
def _names() -> dict[str, str]:
    """Names of more than one word, by their letters alone."""
    names = {name for term in material().terms.values() for name in term.names("en") if re.search("[ -]", name) and not re.search("[(/]", name)}
    return {re.sub("[ -]", "", name).lower(): name for name in names}


@cache
def _forms() -> re.Pattern[str]:
    longest_first = sorted(_names().values(), key=len, reverse=True)
    alternatives = "|".join("[ -]?".join(map(re.escape, re.split("[ -]", name))) for name in longest_first)
    return re.compile(rf"\b({alternatives})(?:s|es|’s)?\b", re.IGNORECASE)


def texts_of_the_course() -> Iterator[tuple[str, int, str]]:
    """Give every text that learners read, with its line; titles of sources and what customers of the practice firm say are not ours to spell."""
    for path, content in sorted(read_folder(root()).items()):
        if path.endswith(".md"):
            yield from ((path, number, line) for number, line in enumerate(content.decode().splitlines(), 1))
        elif path.endswith(".yaml") and not path.startswith(("content/sandbox/", "content/sources.yaml")):
            document = load(path, content, Faults())
            assert document, path
            yield from ((path, document.positions[place][0], text) for place, text in _texts(document.data))


def _texts(data: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Find the texts in the data of a file: whatever stands under the name of a language."""
    if isinstance(data, str) and place[-1] in LANGUAGES:
        yield place, data
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from _texts(value, (*place, key))


def faults() -> list[str]:
    return [f"{path}:{line}: {fault}" for path, line, text in texts_of_the_course() for fault in spelt_otherwise(text)]


@pytest.mark.parametrize("module", WORDS)
def test_every_promised_word_is_in_the_glossary(module: str) -> None:
    terms = {term.term["en"] for term in material().terms.values() if term.module == module}
    assert set(WORDS[module].split("; ")) <= terms


def test_no_two_words_share_a_name() -> None:
    for language in LANGUAGES:
        names = Counter(name.lower() for term in material().terms.values() for name in set(term.names(language)))
        assert [name for name, count in names.items() if count > 1] == []
        assert len({term.gloss[language] for term in material().terms.values()}) == len(material().terms)
    assert len({term.slug for term in material().terms.values()}) == len(material().terms)


def test_every_word_is_defined_in_one_to_three_sentences_of_both_languages() -> None:
    for term in material().terms.values():
        for language, stop in (("en", "."), ("zh", "。")):
            gloss = term.gloss[language]
            assert gloss.endswith(stop) and 1 <= len(re.findall(re.escape(stop) + r"(?:\s|$|(?=\w))", gloss)) <= 3, gloss
            assert term.term[language] and len(gloss) <= (220 if language == "en" else 90), (term.term["en"], len(gloss))


def test_every_word_has_one_spelling_in_all_texts() -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Good customer-relationship management pays.", "customer relationship management"),
        ("He praised Customer Relationship Management.", "customer relationship management"),
        ("Two work procedure customers met.", "work-procedure customer"),
        ("The service catalog of IT.", "American"),
        ("A customer-centered organization.", "American"),
        ("她打给客服中心。", "联络中心"),
        ("以顾客为中心。", "以客户为中心"),
    ],
)
def test_another_spelling_is_found(line: str, told: str) -> None:
    assert any(told in fault for fault in spelt_otherwise(line))


@pytest.mark.parametrize("line", ["Customer relationship management (CRM)", "a service-level agreement on the service level", "hand over the record", "the size of a prize", "[x](ref:customer-relationship-management)"])
def test_the_spelling_of_the_glossary_is_no_fault(line: str) -> None:
    assert list(spelt_otherwise(line)) == []


def _linked(id: str, language: str) -> list[Term]:
    html = "".join(block.html for block in material().sections[id, language].blocks)
    slugs = {term.slug: term for term in material().terms.values()}
    return [slugs[slug] for slug in re.findall(r'popovertarget="t-([^"]+)"', html)]


SECTIONS = [id for module in material().modules.values() for id in module.sections]


@pytest.mark.parametrize("id", SECTIONS)
def test_a_word_is_linked_once_a_page_and_the_same_words_in_both_languages(id: str) -> None:
    linked = {language: [term.slug for term in _linked(id, language)] for language in LANGUAGES}
    assert all(len(set(slugs)) == len(slugs) for slugs in linked.values()), linked
    assert set(linked["en"]) == set(linked["zh"]), set(linked["en"]) ^ set(linked["zh"])


def test_every_word_of_a_module_is_linked_from_the_book() -> None:
    linked = {term.slug for id in SECTIONS for term in _linked(id, "en")}
    assert [term.term["en"] for term in material().terms.values() if term.module in material().modules and term.slug not in linked] == []


if __name__ == "__main__":
    print(*faults(), sep="\n")
