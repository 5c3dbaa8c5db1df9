"""What kind of value a question asks for, by the words it opens with or holds, in English and Arabic."""

from __future__ import annotations

import re
from typing import Literal

from index.analyse import fold

Wanted = Literal["", "number", "percent", "time"]
# In folded spelling. Arabic: "the percentage", "what/how much/which … share", "by the hundred"; "how many", "what number of".
_PERCENT = re.compile(
    r"\bper ?cent(?:age)?\b"
    r"|\b(?:what|which) (?:(?!(?:is|are|was|were|do|does|did|has|had|the|a)\b)\w+ )?(?:share|rate|proportion|fraction)\b"
    r"|النسبه الميويه|(?<!\w)[بو]?(?:ما|كم|اي)\s+(?:\w+\s+){0,2}(?:ال)?نسبه|بالميه"
)
# What is measured in numbers, whatever is asked about it: "what is the price of …", "ما هي مساحة …". Not what is as often meant
# otherwise: the value of a promise, the cost of a war, the outcome (حصيلة) of a meeting.
_MEASURES_EN = (
    "price|amount|number|age|population|height|length|weight|distance|speed|temperature|salary|budget|death toll"
)
_MEASURES_AR = "سعر|عدد|طول|ارتفاع|مساحه|مسافه|سرعه|راتب|مده|ميزانيه|تعداد|درجه حراره"
_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|high|large|big)\b|\bwhat (?:number|price|age)\b"
    r"|^\W*what (?:is|was|are|were|will be) (?:the |its |his |her |their )?(?:(?:average|total|current|new|full) )?"
    rf"(?:{_MEASURES_EN})(?:\W*$| (?:of|for|in|between) (?!.*\b(?:to|on|by|with|of|from|for|in)\W*$))"
    r"|(?<!\w)[بو]?كم(?!\w)|(?<!\w)ما عدد(?!\w)"
    rf"|^\W*[بو]?ما(?: (?:هو|هي|كان|كانت))? (?:(?:معدل|متوسط|اجمالي|مجموع) )?(?:{_MEASURES_AR})(?!\w)"
)
# Only what opens with it and asks nothing else: "when leaves fall, what …" and "when and where" do not.
_TIME = re.compile(
    r"^\W*(?:(?:by|since|until) )?when (?:is|are|was|were|do|does|did|will|would|has|have|had|can|could|should)\b"
    r"|^\W*(?:(?:by|in|on|since|until|from) )?(?:what|which) (?:day|date|month|year|decade|century)\b"
    r"|^\W*what (?:is|was|are|were) the (?:deadline|date)s?(?= (?:of|for|by|to|on)\b|\W*$)"
    r"|^\W*(?:منذ |حتي |الي )?متي(?!\w)(?! و ?(?:اين|كيف|لماذا|من|ما|كم)(?!\w))"
    r"|^\W*ما(?: (?:هو|كان))? (?:موعد|اخر اجل|اخر موعد)(?!\w)"
    r"|^\W*(?:في |منذ |حتي |ب)?اي(?:ه)? (?:يوم|تاريخ|شهر|عام|سنه|عقد|قرن)(?!\w)"
)


# Who or which account, or when, and words for posting: "which account announced …", "when was it posted?". Not a post that
# somebody holds or is sent to, what accounts for something, nor what armies deploy (in Arabic the same word).
_POSTING = re.compile(
    r"\b(?:who|by whom)(?: (?:has|had|first|was it that)){0,2} (?:re)?(?:posted|tweeted)\b"
    r"|\bwhen (?:was|were)\b(?: \w+)+ (?:re)?(?:posted|tweeted)\b(?! to\b)"
    r"|\bwhen did\b(?: \w+)+ (?<!a )(?<!the )(?<!his )(?<!her )(?<!its )(?<!their )(?:re)?(?:post|tweet)\b(?! office)"
    r"|\b(?:which|what|whose)(?: \w+)? (?<!on )(?<!into )account\b(?! (?:for|of)\b)|\bwhose (?:post|tweet)\b"
    r"|^\W*(?:من|متي)(?: (?:هو|هي|الذي|التي|تم))* (?:نشر|غرد)ت?ه?ا?(?!\w)"
    r"(?! (?:ال)?(?:قوات|صواريخ|صاروخ|اسلح|جنود|جيش|قواعد|منظوم))"
    r"|(?<!\w)صاحبه? (?:المنشور|التغريده|الحساب)(?!\w)|(?<!\w)(?:ما|اي)(?: (?:هو|اسم))* الحساب(?!\w)"
)


def wanted_value(question: str) -> Wanted:
    """The kind of value the question asks for, "" when it asks for something else."""
    folded = fold(question)
    if _PERCENT.search(folded):
        return "percent"
    if _NUMBER.search(folded):
        return "number"
    return "time" if _TIME.search(folded) else ""


def asks_about_posting(question: str) -> bool:
    """Whether the question asks who posted something, or when: what the line below an embedded post says."""
    return bool(_POSTING.search(fold(question)))
