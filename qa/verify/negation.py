"""Negation and opposite direction: what turns a sentence that looks the same into its contrary."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain

from index.analyse import STOPWORDS, fold, stem, words

# Words that deny the sentence they stand in. Folded spelling.
_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|\w+n't)\b"
    r"|(?<!\w)[وف]?(?:لا|لم|لن|ليس|ليست|ليسوا|لسنا|لست|يعد لا)(?!\w)"
)
# Words with a negative sense that a denial may be translated by, without denying on their own.
_SOFT = re.compile(
    r"\b(?:without|lack\w*|non|un(?!der|it|ion|ite|ivers|til|ique|iform|less\b|icef|esco)\w{4,}|refus\w+|den(?:y|ies|ied|ying|ial)|fail\w*"
    r"|hardly|barely|rarely|prevent\w*|prohibit\w*|ban(?:s|ned|ning)?|forbid\w*|absen\w+|impossib\w+|illegal\w*|invalid\w*|inab\w+"
    r"|incap\w+|insuffic\w+|incomplete\w*|incorrect\w*|inaccura\w+|inadequa\w+|ineffect\w+|inappropriate|informal|indirect\w*|inactive"
    r"|invisib\w+|irr(?!ig|it)\w{4,}|independen\w+|irregular\w*|irrelevan\w*|immobile|impractical|infrequent\w*|disagree\w*|disapprov\w*|dislike\w*"
    r"|disappear\w*|disqualif\w*|discontinu\w*|dishonest\w*|disab\w+|except|reject\w*|stop\w*|avoid\w*|instead|only|just|few|little"
    r"|\w{3,}less)\b"
    r"|(?<!\w)[وفبل]{0,2}(?:ال)?(?:غير|عدم|دون|بدون|بلا|عديم\w*|رفض\w*|يرفض\w*|نفي|نفت|ينفي|تنفي|انعدام|نادر\w*|فشل\w*|منع\w*|يمنع\w*|حظر\w*"
    r"|الا|سوي|فقط|مجرد|امتنع\w*|استحال\w*|مستحيل|بدلا|يفتقر\w*|افتقار|توقف\w*|لايجوز|لاسلكي\w*|لامركزي\w*)(?!\w)"
)
# Denials that affirm: "not only", "no longer than", "لا يزال" (still), "لا يقل عن" (at least), "لم … سوى" (only), "No. 1".
_AFFIRMS = re.compile(
    r"\bnot (?:only|just|merely|simply|to mention|exceed\w*|more than|less than)\b"
    r"|\bno (?:doubt|matter|less|more than|fewer)\b|\bno\.? ?\d+|\bwhether or not\b"
    r"|(?<!\w)[وف]?(?:لا|لم|لن) (?:[يتن]زال\w*|[يت]زل|[يت]قل|[يت]زيد|[يت]ربو|[يت]?تجاوز|[يت]?تعد[يا]?|سيما|شك|بد|بل)(?!\w)"
    r"|(?<!\w)[وف]?(?:لا|لم|لن|ليس|ليست) \w+(?: \w+){0,5}? (?:سوي|الا)(?!\w)"
    r"|(?<!\w)[وف]?(?:ليس|ليست|لا|لم) (?:\w+ ){0,3}?فقط(?!\w)"
)

# (one direction, the other): English stems by index.analyse.stem, Arabic word families as folded alternatives.
_OPPOSITES: tuple[tuple[str, str, str, str], ...] = (
    (
        "rise rose risen raise increase grow grew growth climb soar surge jump rally rebound gain higher expand boost",
        "fall fell fallen drop decrease decline shrink lower reduce reduction slump plunge tumble cut diminish lessen",
        "ارتفع ارتفعت ارتفاع يرتفع ترتفع زاد زادت زياده يزيد تزيد رفع رفعت نما "
        "نمو صعد صعود قفز قفزت قفزه ازداد ازدادت تزايد ازدياد يزداد "
        "توسع توسيع يرفع ترفع ينمو تنمو يصعد تصعد تزداد يتزايد تتزايد يوسع",
        "انخفض انخفضت انخفاض ينخفض تنخفض تراجع تراجعت يتراجع هبط هبوط هبطت "
        "هوي هوت انهار انهارت انهيار تهاوي تهاوت قل قلت تقليل خفض خفضت تخفيض يخفض تناقص تقلص تقليص "
        "تخفض تتراجع يهبط تهبط قلل قللت يقلل تقلل قلص قلصت يقلص يتقلص تتقلص",
    ),
    (
        "open reopen opened",
        "close closed shut closure",
        "فتح افتتح افتتحت افتتاح يفتح تفتح",
        "اغلق اغلقت اغلاق يغلق تغلق مغلق مغلقه",
    ),
    (
        "accept approve approval agree",
        "reject refuse decline rejection refusal",
        "قبل قبول وافق وافقت موافقه يوافق توافق",
        "رفض رفضت يرفض ترفض",
    ),
    (
        "win won victory beat winner",
        "lose lost defeat loss loser",
        "فاز فازت فوز يفوز تفوز انتصر انتصار انتصرت ينتصر تنتصر",
        "خسر خسرت خساره يخسر تخسر هزيمه",
    ),
    ("import", "export", "استيراد استورد استوردت واردات الواردات", "تصدير صدرت صادرات الصادرات"),
    (
        "allow permit authorise legal",
        "ban prohibit forbid bar illegal",
        "سمح سمحت يسمح تسمح سماح",
        "حظر حظرت يحظر منع منعت يمنع تمنع",
    ),
    (
        "begin began start launch",
        "end finish cease conclude stop",
        "بدا بدات بدايه يبدا تبدا اطلق اطلقت",
        "انتهي انتهت نهايه ينتهي تنتهي اوقف توقف",
    ),
    (
        "support back favour endorse",
        "oppose opposition against",
        "دعم يدعم تدعم دعمت ايد ايدت تاييد يؤيد تؤيد",
        "عارض عارضت يعارض تعارض معارضه ضد",
    ),
    ("buy bought purchase", "sell sold sale", "اشتري اشترت شراء يشتري تشتري", "باع باعت بيع يبيع تبيع"),
    ("before", "after", "قبل قبيل", "بعد عقب"),
    (
        "more most highest largest biggest greater",
        "less least fewer lowest smallest",
        "اكثر اكبر اعلي",
        "اقل اصغر ادني",
    ),
    ("north northern", "south southern", "شمال شمالي شماليه", "جنوب جنوبي جنوبيه"),
    ("east eastern", "west western", "شرق شرقي شرقيه", "غرب غربي غربيه"),
    ("old older oldest", "new newer young younger youngest", "قديم قديمه", "جديد جديده حديث حديثه"),
    ("strong stronger strengthen", "weak weaker weaken", "قوي قويه تقويه تعزيز عزز عززت", "ضعيف ضعيفه اضعف اضعاف"),
    ("man men male boy", "woman women female girl", "رجل رجال ذكر ذكور", "امراه نساء انثي اناث"),
    ("rich wealthy", "poor", "غني غنيه اغنياء", "فقير فقيره فقراء"),
    ("best better improve", "worst worse worsen", "افضل احسن تحسن تحسين", "اسوا تدهور"),
    (
        "arrive enter join",
        "leave depart withdraw exit",
        "وصل وصلت وصول دخل دخلت دخول يدخل تدخل انضم انضمت ينضم تنضم",
        "غادر غادرت مغادره يغادر تغادر انسحب انسحبت انسحاب ينسحب تنسحب خرج خرجت خروج يخرج تخرج",
    ),
    ("love like", "hate dislike", "يحب تحب احب", "يكره تكره كره"),
    ("cold cool", "hot warm", "بارد بارده", "حار حاره ساخن"),
    (
        "accelerate quicken",
        "slow slowdown decelerate",
        "تسارع تسارعت تسريع سرع سرعت يسرع تسرع",
        "تباطا تباطات تباطو ابطا يتباطا تتباطا",
    ),
    ("convict", "acquit", "ادان ادانت ادانه", "برا برات تبريه"),
    ("always", "never rarely", "دايما", "ابدا نادرا"),
)
# Words of these families that say other things more often, as they stand: "the end of", "close to 500", "back in", "lower house".
_SAYS_OTHER = frozenset({"end", "close", "back", "lower", "least", "against"})
_ALIKE = 1.5  # times as many words: then one of them that is denied is enough
_STATEMENT = 3  # content words that can say something
_BREAK = re.compile(
    r"[,;:.،؛]|\b(?:and|but|though|although|while)\b[^.]*$|(?<!\w)(?:لكن|بينما|فيما|بعد ان|قبل ان|رغم)(?!\w)|(?<!\w)و$"
)
_LIGHT = STOPWORDS | frozenset("even yet ever any still also يتم تتم يكن تكن يكون تكون يعد تعد كل".split())
_SCOPE = 3  # words behind a denial that it may deny
_CLAUSE_END = re.compile(r"[.,;:!?،؛؟…()\"“”«»–—]")
# Words that turn the word behind them into its contrary; and what governs another verb, before which may stand who does.
_TURNS_WORD = re.compile(r"without|unable|[وفبل]{0,2}(?:ال)?(?:غير|دون|بدون|عدم)")
_TURNS_VERB = re.compile(
    r"(?:fail|refus)\w*|den(?:y|ies|ied|ying|ial)"
    r"|[وفبل]{0,2}(?:ال)?(?:رفض|رفضت|يرفض|ترفض|نفي|نفت|ينفي|تنفي|فشل|فشلت|استبعد|استبعدت)"
)
_QUESTION = re.compile(r"[?؟]\s*$")
_ARTICLES_AR = ("", "ال", "وال", "بال", "لل", "و", "ف", "ب", "ل", "فال", "كال", "س", "وس", "فس")


def denials(text: str) -> tuple[int, int]:
    """(plain denials, soft negative words) of a text, after removing the denials that affirm ("not only", "لا يزال")."""
    folded = re.sub(r"[’ʼ`]", "'", fold(text))
    folded = _AFFIRMS.sub(" ", folded)
    return len(_DENIES.findall(folded)), len(_SOFT.findall(folded))


def negation_mismatch(claim: str, source: str) -> str:
    """Why the two differ in denial, "" when they do not: one denies and the other holds no negative word at all."""
    if _QUESTION.search(claim) or _QUESTION.search(source):
        return ""  # "isn't it?", "أليس كذلك؟"
    claim_denials, claim_soft = denials(claim)
    source_denials, source_soft = denials(source)
    if claim_denials and not source_denials and not source_soft:
        return "the claim denies what the source does not deny"
    if source_denials and not claim_denials and not claim_soft:
        return "the source denies what the claim does not deny"
    return ""


def scope_mismatch(claim: str, source: str, same: Callable[[str, str], bool]) -> str:
    """Why what one of the two denies is what the other one says, "" where it is not: for texts of which one says far more than the
    other, so that a denial anywhere in it proves nothing. `same` tells whether a word of the claim and one of the source say the
    same.
    """
    if _QUESTION.search(claim) or _QUESTION.search(source):
        return ""
    said, told = words(claim), words(source)
    alike = len(told) <= _ALIKE * len(said)
    if not any(denials(claim)):
        for _, governed in _governed(source):
            if (len(governed) > 1 or alike) and all(any(same(word, other) for word in said) for other in governed):
                return f"the source denies what the claim says of '{governed[0]}'"
    denied = frozenset(chain.from_iterable(_near_denials(source)))
    for by_verb, governed in _governed(claim):
        if by_verb and denied:
            continue  # "refused" may be "rejected", and who refused stands before that
        counterparts = [[other for other in told if same(word, other)] for word in governed]
        if all(counterparts) and denied.isdisjoint(chain.from_iterable(counterparts)):
            return f"the claim denies what the source says of '{governed[0]}'"
    return ""


def denies_apart(text: str) -> bool:
    """Whether all that a text denies it denies after something else that it says: "rose, but did not …", "ارتفعت … ولم"."""
    folded = _AFFIRMS.sub(" ", re.sub(r"[’ʼ`]", "'", fold(text)))
    before = [folded[: match.start()] + match[0][0] for match in _DENIES.finditer(folded)]
    return bool(before) and all(len(_content(said)) >= _STATEMENT and _BREAK.search(said) for said in before)


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in _LIGHT and len(word) > 2]


def denied_words(text: str) -> tuple[str, ...]:
    """The content word behind each plain denial of a text: what it denies."""
    return tuple(
        next((word for word in behind if word not in STOPWORDS), "")
        for denier, behind in _behind_denials(text)
        if _DENIES.fullmatch(denier)
    )


def _governed(text: str) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Of each denial whether it is a verb such as "failed", "refused", "رفض", and what it denies: the two content words behind it,
    or one where no more follows and it is no verb."""
    for denier, behind in _behind_denials(text):
        by_verb, content = bool(_TURNS_VERB.fullmatch(denier)), _content(" ".join(behind))
        if len(content) >= (2 if by_verb else 1):
            yield by_verb, tuple(content[:2])


def _near_denials(text: str) -> Iterator[list[str]]:
    """The words that stand near behind a denial, or any other word with a negative sense."""
    for clause in _clauses(text):
        for at, word in enumerate(clause):
            if _DENIES.fullmatch(word) or _SOFT.fullmatch(word):
                yield clause[at : at + 2 * _SCOPE]


def _behind_denials(text: str) -> Iterator[tuple[str, list[str]]]:
    for clause in _clauses(text):
        for at, word in enumerate(clause):
            if word.endswith("غير") and _is_no_denial(clause, at):
                continue
            if any(pattern.fullmatch(word) for pattern in (_DENIES, _TURNS_WORD, _TURNS_VERB)):
                yield word, clause[at + 1 : at + 1 + 2 * _SCOPE]


def _is_no_denial(clause: list[str], at: int) -> bool:
    """Whether "غير" is another word: "changed the …", "but that", "none but"."""
    behind = clause[at + 1] if at + 1 < len(clause) else ""
    changed, but_that = at == 0 and behind.startswith("ال"), behind.startswith("ان")
    return changed or but_that or any(_DENIES.fullmatch(word) for word in clause[:at])


def _clauses(text: str) -> Iterator[list[str]]:
    """The folded words between one sign of punctuation and the next, without the denials that affirm."""
    folded = _AFFIRMS.sub(" ", re.sub(r"[’ʼ`]", "'", fold(text)))
    for clause in _CLAUSE_END.split(folded):
        yield re.findall(r"[\w']+", clause)


def opposites(claim: str, source: str) -> tuple[str, ...]:
    """Claim words whose opposite stands in the source, not denied, while nothing in the source goes their way."""
    if denials(claim)[0]:
        return ()  # "will not raise" is not turned round by "will cut"
    denied = {
        word for denier, behind in _behind_denials(source) if _DENIES.fullmatch(denier) for word in behind[:_SCOPE]
    }
    claim_words, source_words = words(claim), words(source)
    claim_keys, source_keys = _keys(claim_words), _keys(source_words)
    undenied = _keys([word for word in source_words if word not in denied])
    found: list[str] = []
    for one, other in _directions():
        for mine, contrary in ((one, other), (other, one)):
            said = claim_keys.keys() & mine
            if (
                said
                and not claim_keys.keys() & contrary
                and not source_keys.keys() & mine
                and undenied.keys() & contrary
            ):
                found.append(claim_keys[min(said)])
    return tuple(found)


def _keys(text_words: list[str]) -> dict[str, str]:
    """Comparable form -> word: the stem of a Latin word, an Arabic word without its proclitics."""
    keys: dict[str, str] = {}
    for word in text_words:
        if word in _SAYS_OTHER:
            continue
        if word.isascii():
            keys.setdefault(stem(word, "en"), word)
            keys.setdefault(word, word)
        else:
            for prefix in _ARTICLES_AR:
                if word.startswith(prefix) and len(word) - len(prefix) >= 2:
                    keys.setdefault(word[len(prefix) :], word)
    return keys


@cache
def _directions() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    return tuple(
        (_family(en_one, ar_one), _family(en_other, ar_other)) for en_one, en_other, ar_one, ar_other in _OPPOSITES
    )


def _family(english: str, arabic: str) -> frozenset[str]:
    return frozenset(
        {stem(word, "en") for word in english.split()} | set(english.split()) | {fold(word) for word in arabic.split()}
    )
