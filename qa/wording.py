"""What a language model is asked when it is to say what one line says, in another language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from babel import Locale

Pair = tuple[str, str]  # language of the line, language of the sentence
Words = Callable[[str, Mapping[str, str]], str]  # of a line and its names: the line word by word, "" without such help

_SYSTEM = (
    "Answer the reader's question in one short {language} sentence, from one line of a news source alone. Keep its people, "
    "places, numbers and dates, translate its words by their meaning, add nothing, and leave out what was not asked."
)
# Worked examples: small models follow what they see, not what they are told. Their subjects are nobody's collection.
_EXAMPLES: dict[Pair, tuple[tuple[str, str, dict[str, str], str], ...]] = {
    ("ar", "en"): (
        (
            "When does the new metro line open?",
            "أعلن وزير النقل المصري كامل الوزير أن الخط الجديد للمترو سيفتتح في مايو 2027 بكلفة 3.2 مليار دولار.",
            {"المصري": "Egypt", "كامل الوزير": "Kamel al-Wazir"},
            "The new metro line will open in May 2027.",
        ),
        (
            "What does the water agreement provide for?",
            "تنظّم الاتفاقية تبادل البيانات بين الأردن وسوريا لحماية الموارد المائية.",
            {"الأردن": "Jordan", "وسوريا": "Syria"},
            "The agreement regulates the exchange of data between Jordan and Syria to protect water resources.",
        ),
    )
}  # fmt: skip


def opening(pair: Pair, words: Words) -> list[tuple[str, str]]:
    """The part of the conversation that all lines of two languages share: role and text of each message."""
    name = Locale.parse(pair[1]).get_language_name("en") or pair[1]
    messages = [("system", _SYSTEM.format(language=name))]
    for question, line, names, sentence in _EXAMPLES.get(pair, ()):
        messages += [("human", request(question, line, names, words(line, names))), ("ai", sentence)]
    return messages


def request(question: str, line: str, names: Mapping[str, str], words: str) -> str:
    """What is asked about one line: with its names as they are spelled in the other language and, if there are, its words."""
    spelled = "; ".join(f"{source} = {target}" for source, target in names.items())
    given = (("Question", question), ("Line", line), ("Word by word", words), ("Names", spelled))
    return "".join(f"{what}: {text}\n" for what, text in given if text) + "Sentence:"
