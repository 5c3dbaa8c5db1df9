"""Countries and nationalities of a text as ISO codes, so that "Chinese" never passes for "اليابانية".

Names come from Unicode CLDR (Babel) and ISO 3166 (pycountry); nationality adjectives are derived from them by the
regular endings of each language (English -n, -an, -ese, -ish …; the Arabic nisba) with a short table of exceptions.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import pycountry
from babel import Locale

from index.analyse import LETTERS, fold
from index.language import script_of
from index.names import best_name_match
from qa.glosses import meanings_of

Codes = frozenset[str]
_LONGEST_NAME = 4  # words
_SPELLED_ALIKE = 0.99  # "Île-de-France" against إيل دو فرانس: the same sounds, whatever it names


@dataclass(frozen=True, slots=True)
class Place:
    """A mention: the words as they stand, and the territories they can mean (two for "Korean")."""

    text: str
    codes: Codes
    start: int
    end: int


# What the endings cannot derive, and other names in daily use.
_ENGLISH = {
    "US": "us usa america american americans united-states-of-america",
    "GB": "uk britain british briton britons great-britain",
    "FR": "french frenchman frenchmen",
    "NL": "dutch holland",
    "CH": "swiss",
    "ES": "spanish spaniard spaniards",
    "DE": "german germans",
    "GR": "greek greeks",
    "DK": "danish dane danes",
    "SE": "swedish swede swedes",
    "PL": "polish pole poles",
    "TR": "turkey turkish turk turks",
    "IE": "irish",
    "NO": "norwegian norwegians",
    "FI": "finnish finn finns",
    "PT": "portuguese",
    "PH": "filipino filipinos philippine",
    "TH": "thai thais",
    "IL": "israeli israelis",
    "PS": "palestine palestinian palestinians",
    "AE": "uae emirati emiratis emirates",
    "SA": "saudi saudis",
    "YE": "yemeni yemenis",
    "IQ": "iraqi iraqis",
    "KW": "kuwaiti kuwaitis",
    "QA": "qatari qataris",
    "OM": "omani omanis",
    "PK": "pakistani pakistanis",
    "BD": "bangladeshi bangladeshis",
    "LB": "lebanese",
    "KP": "dprk north-korean north-koreans",
    "KR": "south-korean south-koreans",
    "KP KR": "korea korean koreans",
    "CZ": "czech czechs czech-republic",
    "SK": "slovak slovaks",
    "RS": "serb serbs serbian",
    "HR": "croat croats",
    "AF": "afghan afghans",
    "PE": "peruvian peruvians",
    "CY": "cypriot cypriots",
    "UA": "ukrainian ukrainians",
    "VN": "viet-nam",
    "MM": "burma burmese myanmar",
    "CI": "ivory-coast ivorian",
    "HK": "hong-kong",
    "MO": "macao macau",
    "CD CG": "congo congolese",
    "NG": "nigerian nigerians",
    "NE": "nigerien nigeriens",
    "EU": "eu",
    "UN": "un",
    "NZ": "new-zealander new-zealanders",
    "KZ": "kazakh kazakhs",
    "UZ": "uzbek uzbeks",
    "TJ": "tajik tajiks",
    "TM": "turkmen",
    "KG": "kyrgyz",
    "MN": "mongol mongols",
    "VA": "vatican",
    "SO": "somali somalis",
    "AZ": "azeri azeris",
    "BA": "bosnia bosnian bosnians",
    "MK": "macedonia macedonian",
    "ZA": "south-african south-africans",
    "SS": "south-sudanese",
    "LA": "lao laotian laotians",
    "HU": "magyar",
    "BE": "belgian belgians",
    "MV": "maldivian maldivians",
    "SY": "syrian syrians",
    "NP": "nepali nepalese",
    "IR": "persia persian persians",
    "CA": "canadian canadians",
    "PA": "panamanian panamanians",
    "IS": "icelandic icelander icelanders",
    "LK": "sri-lankan sri-lankans",
    "HN": "honduran hondurans",
    "CR": "costa-rican costa-ricans",
    "MZ": "mozambican mozambicans",
    "AR": "argentine argentines argentinian argentinians",
    "BY": "belarusian belarusians",
}
_ARABIC = {  # folded; a name, then nisba stems
    "US": "امريكا اميركا امريكي اميركي الولايات-المتحده-الامريكيه الولايات-المتحده-الاميركيه",
    "GB": "بريطانيا بريطاني بريطانيا-العظمي",
    "SA": "السعوديه سعودي",
    "AE": "الامارات اماراتي",
    "PS": "فلسطين فلسطيني",
    "SY": "سوريه سوري",
    "KP KR": "كوريا كوري",
    "KP": "كوري-شمالي الكوري-الشمالي الكوريه-الشماليه كوريه-شماليه",
    "KR": "كوري-جنوبي الكوري-الجنوبي الكوريه-الجنوبيه كوريه-جنوبيه",
    "NL": "هولندي",
    "DK": "الدنمارك دنماركي دانمركي دانماركي",
    "SE": "سويدي",
    "NO": "نرويجي",
    "CH": "سويسري",
    "AT": "نمساوي",
    "CZ": "التشيك تشيكي",
    "HU": "المجر مجري هنغاري",
    "EU": "الاوروبي-الاتحاد",
    "MA": "مغربي",
    "DZ": "جزايري",
    "KZ": "كازاخي",
    "ZA": "جنوب-افريقي الجنوب-افريقي",
    "VA": "الفاتيكان فاتيكاني",
    "BY": "بيلاروسيا بيلاروسي روسيا-البيضاء",
    "CI": "كوت-ديفوار ايفواري",
    "CF": "افريقيا-الوسطي",
    "IN": "الهنود هنود",
    "RU": "الروس روس",
    "DE": "الالمان المان",
    "ES": "الاسبان اسبان",
    "PH": "الفيليبين فيليبيني",
    "AZ": "اذري",
    "IE": "ايرلندا ايرلندي",
    "MN": "المغول مغول مغولي",
    "AM": "ارمني",
    "TR": "الاتراك اتراك",
    "IR": "فارس فارسي",
    "MM": "بورما بورمي ميانمار",
    "HK": "هونغ-كونغ هونج-كونج",
    "CD CG": "الكونغو كونغولي",
    "BA": "البوسنه بوسني",
    "MX": "مكسيكي",
    "PT": "برتغالي",
    "VN": "فيتنام فييتنام فييت-نام فيتنامي",
    "IL": "اسرايلي",
    "KH": "كمبودي",
    "MK": "مقدونيا مقدوني",
}
_ENGLISH_ENDINGS = [("", "n"), ("", "an"), ("", "ian"), ("", "ese"), ("", "i"), ("", "ish"), ("a", "an"), ("a", "ese"),
                    ("e", "ian"),
                    ("y", "ian"), ("y", ""), ("e", "ese"), ("o", "an"), ("o", "ese"), ("land", "ish"), ("os", "otian")]  # fmt: skip
_NISBA_ENDINGS = ("", "ه", "ين", "ون", "ان", "تين", "ا", "ات", "و")
# Folded forms that are everyday words too: Mali is "my money" and "financial", Cuba "a cup".
_NOT_PLACES_AR = frozenset(
    {"مالي", "ماليا", "ماليه", "ماليين", "ماليون", "ماليات", "مان", "جزري", "كوبا", "غاني", "بري", "جبلي", "راسي"}
)
_WORD = re.compile(r"(?:[A-Za-z]\.){2,}|" + LETTERS.pattern)


@lru_cache(maxsize=1024)
def places(text: str) -> tuple[Place, ...]:
    """Country and nationality mentions, longest first at every position. English ones count only when capitalised."""
    text = unicodedata.normalize("NFC", text)
    matches = list(_WORD.finditer(text))
    found: list[Place] = []
    at = 0
    while at < len(matches):
        for size in range(min(_LONGEST_NAME, len(matches) - at), 0, -1):
            window = matches[at : at + size]
            codes = _lookup([match.group(0) for match in window])
            if codes:
                found.append(
                    Place(text[window[0].start() : window[-1].end()], codes, window[0].start(), window[-1].end())
                )
                at += size
                break
        else:
            at += 1
    return tuple(found)


def missing_places(claim: str, source: str, context: str = "") -> tuple[Place, ...]:
    """Mentions of the claim that share no territory with any mention of the source or its context."""
    mentions = places(claim)
    if not mentions:
        return ()
    there = frozenset().union(*(place.codes for text in (source, context) for place in places(text)))
    unknown = tuple(_WORD.findall(" ".join(map(_without_places, (source, context)))))
    return tuple(place for place in mentions if not place.codes & there and not _is_spelled(place, unknown))


def is_adjective(name: str) -> bool:
    """Whether an English word is no country's name, but what is made of one: "Syrian"."""
    return name.isascii() and bool(places(name)) and fold(name) not in _english_countries()


@cache
def _english_countries() -> frozenset[str]:
    return frozenset(fold(name) for _, name in _territories("en"))


def _without_places(text: str) -> str:
    text = unicodedata.normalize("NFC", text)  # as the offsets are
    for place in reversed(places(text)):
        text = f"{text[: place.start]} {text[place.end :]}"
    return text


def _is_spelled(place: Place, words: tuple[str, ...]) -> bool:
    """Whether the words of a place stand there in small letters; or a word of another script, that is no other place and no word
    of every day, has its sounds."""
    if {fold(word) for word in _WORD.findall(place.text)} <= {fold(word) for word in words}:
        return True
    script = script_of(place.text[0])
    foreign = tuple(word for word in words if script_of(word[0]) != script and not _means_something(word))
    return best_name_match(place.text, foreign) >= _SPELLED_ALIKE


def _means_something(word: str) -> bool:
    """Whether the dictionary has an Arabic word as more than a name, whose English has a capital."""
    return any(text[:1].islower() for reading in meanings_of(word) for text in reading.meanings)


def _lookup(window: list[str]) -> Codes | None:
    first = window[0]
    if "\u0600" <= first[0] <= "\u06ff":
        if len(window) == 1 and first.endswith("ى"):  # "اليمنى" (right) is not "اليمني"
            return None
        words = [fold(word) for word in window]
        for prefix in ("", "و", "ف", "ب", "ل", "ك", "وب", "ول"):
            if words[0].startswith(prefix):
                codes = _arabic_names().get(" ".join([words[0][len(prefix) :], *words[1:]]))
                if codes:
                    return codes
        if words[0].startswith("لل"):
            return _arabic_names().get(" ".join(["ال" + words[0][2:], *words[1:]]))
        return None
    if not first[0].isupper():
        return None
    key = " ".join(fold(word.replace(".", "")) for word in window)
    if key in ("us", "un", "eu", "uk", "uae") and not first.replace(".", "").isupper():
        return None
    return _english_names().get(key)


@cache
def _english_names() -> dict[str, Codes]:
    names: dict[str, set[str]] = {}
    for code, name in _territories("en"):
        names.setdefault(fold(name), set()).add(code)
    for name, codes in [(name, set(codes)) for name, codes in names.items() if " " not in name]:
        for cut, ending in _ENGLISH_ENDINGS:
            if name.endswith(cut):
                derived = name[: len(name) - len(cut)] + ending
                for form in (derived, derived + "s"):
                    if form not in names and len(form) > 4:
                        names.setdefault(form, set()).update(codes)
    return _with_exceptions(names, _ENGLISH)


@cache
def _arabic_names() -> dict[str, Codes]:
    names: dict[str, set[str]] = {}
    stems: dict[str, set[str]] = {}
    for code, name in _territories("ar"):
        names.setdefault(fold(name), set()).add(code)
        if " " not in name:
            stems[_nisba(name)] = {code}
    for codes, forms in _ARABIC.items():
        stems.update({form: set(codes.split()) for form in forms.split() if form.endswith("ي") and "-" not in form})
    for stem, meant in stems.items():
        for ending in _NISBA_ENDINGS:
            for form in (stem + ending, "ال" + stem + ending):
                if form.removeprefix("ال") not in _NOT_PLACES_AR and form not in names:
                    names[form] = set(meant)
    return {name: codes for name, codes in _with_exceptions(names, _ARABIC).items() if name not in _NOT_PLACES_AR}


def _with_exceptions(names: dict[str, set[str]], exceptions: dict[str, str]) -> dict[str, Codes]:
    for codes, forms in exceptions.items():
        for form in forms.split():
            names[form.replace("-", " ")] = set(codes.split())
    return {name: frozenset(codes) for name, codes in names.items()}


def _nisba(name: str) -> str:
    """Country name to its folded adjective: اليابان -> ياباني, روسيا -> روسي, فرنسا -> فرنسي, ألمانيا -> ألماني."""
    stem = fold(name.removeprefix("ال"))  # before folding: the hamza of ألمانيا tells it from an article
    for ending in ("يا", "ا", "ه", "ي"):
        if stem.endswith(ending) and len(stem) > len(ending) + 2:
            stem = stem[: -len(ending)]
            break
    return stem + "ي"


def _territories(language: str) -> list[tuple[str, str]]:
    """(ISO code, name in plain words) pairs of CLDR, for English with the ISO 3166 names beside them."""
    pairs: list[tuple[str, str]] = []
    for code, name in Locale(language).territories.items():
        if len(code) == 2 and code.isalpha() and code not in ("ZZ", "XA", "XB", "QO") and name:
            for part in re.findall(r"[^()]+", name):
                pairs.append((code, _plain(part)))
    if language == "en":
        for country in pycountry.countries:
            for name in (country.name, getattr(country, "common_name", country.name)):
                pairs.append((country.alpha_2, _plain(name)))
    return pairs


def _plain(name: str) -> str:
    return " ".join(word for word in re.findall(r"\w+", re.sub("[\u064b-\u0652]", "", name.replace(" SAR China", ""))))
