"""Opposite direction: words that turn a sentence which looks the same into its contrary."""

from __future__ import annotations

from functools import cache

from index.analyse import fold, stem, words
from qa.verify.negation import denials, denied_here

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
_ARTICLES_AR = ("", "ال", "وال", "بال", "لل", "و", "ف", "ب", "ل", "فال", "كال", "س", "وس", "فس")


def opposites(claim: str, source: str) -> tuple[str, ...]:
    """Claim words whose opposite stands in the source, not denied, while nothing in the source goes their way."""
    if denials(claim)[0]:
        return ()  # "will not raise" is not turned round by "will cut"
    denied = denied_here(source)
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
