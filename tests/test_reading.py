"""What the language model makes of the lines that would be shown, and what its word is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ALLIANCE
from langchain_core.messages import AIMessage

from index.article import Kind, Passage
from index.errors import ModelFailed
from qa import Sanad, reading
from qa.chat import Chat
from qa.compose import Composer
from qa.confidence import Confidence
from qa.lines import as_lines, in_units

SPENDING = "By when will Japan raise its defence spending?"


def line(number: int, text: str, kind: Kind = "prose", *, heading: str = "", language: str = "en") -> Passage:
    return Passage("a.txt", number, 100 * number, 100 * number + len(text), text, language, kind, heading)


def top(**probabilities: float) -> list[dict[str, float | str]]:
    return [{"token": token, "logprob": math.log(share)} for token, share in probabilities.items()]


WITHIN = [False, False]


def test_the_log_odds_of_the_first_token() -> None:
    assert reading.log_odds(top(Yes=0.6, No=0.2)) == pytest.approx(1.0986, abs=1e-3)
    assert reading.log_odds(top(Yes=0.3, yes=0.3, No=0.2, Perhaps=0.2)) == pytest.approx(1.0986, abs=1e-3)
    assert reading.log_odds(top(Yes=0.9)) == 8.0
    assert reading.log_odds(top(No=0.9)) == -8.0
    assert reading.log_odds(top(Perhaps=0.9)) == 0.0
    assert reading.log_odds([]) == 0.0


def test_the_embedded_model_tells_the_answer_from_the_subject() -> None:
    """Real model, lines of no collection, near misses in both languages."""
    composer = Composer("embedded", required=True)

    def says(question: str, text: str) -> float:
        language = "ar" if text > "؀" else "en"
        said = composer.stated(question, [Passage("a.txt", 1, 0, len(text), text, language, "prose", "")])
        assert said is not None
        return said

    crane = "اشترت هيئة الميناء رافعة جديدة من هامبورغ في مايو مقابل مليوني يورو."
    assert says("Where did the port authority buy the crane?", crane) > says("Who will operate the new crane?", crane)
    assert says("بكم اشترت الهيئة الرافعة؟", crane) > says("لماذا تعطلت الرافعة القديمة؟", crane)


def test_what_was_asked_before_changes_nothing() -> None:
    """To the last digit; other chats leave other states behind, by which log-odds differed by a tenth."""
    composer = Composer("embedded", required=True)
    cranes = [
        line(1, "The port authority bought a new crane in Hamburg in May for two million euros."),
        line(2, "It is red."),
    ]
    first = composer.stated("Where did the port authority buy the crane?", cranes)
    composer.stated("When was the new library opened, and by whom?", [line(1, "The library has four floors.")])
    composer.that_state("What colour is the crane of the port authority?", "en", cranes, {}, 4)
    assert composer.stated("Where did the port authority buy the crane?", cranes) == first


def test_the_embedded_model_leaves_out_a_line_that_is_only_on_the_subject() -> None:
    """Real model, in both languages."""
    composer = Composer("embedded", required=True)
    bought = line(1, "The port authority bought a new crane in Hamburg in May for two million euros.")
    old = line(2, "The old crane had served the port for forty years.", heading="A new crane")
    assert composer.that_state("Where did the port authority buy the crane?", "en", [old, bought], {}, 4) == [bought]
    paid = line(1, "اشترت هيئة الميناء رافعة جديدة من هامبورغ في مايو مقابل مليوني يورو.", language="ar")
    stood = line(2, "كانت الرافعة القديمة تعمل في الميناء منذ أربعين عاماً.", language="ar")
    assert composer.that_state("من أين اشترت هيئة الميناء الرافعة الجديدة؟", "ar", [stood, paid], {}, 4) == [paid]


def asked_alone(monkeypatch: pytest.MonkeyPatch, says: dict[str, float]) -> list[str]:
    """A model that says this of lines read together, by their last words; what it was asked is in the list."""
    asked: list[str] = []

    def reply(_: Chat, prefix: object, request: str, options: object, *, afresh: bool) -> AIMessage:
        lines = request.partition("\n\nQuestion")[0].removeprefix("Lines:\n")
        asked.append(lines)
        share = 1 / (1 + math.exp(-says[" ".join(part.split()[-1] for part in lines.split("\n"))]))
        tokens = [{"top_logprobs": top(Yes=share, No=1 - share)}]
        return AIMessage("Yes", response_metadata={"logprobs": {"content": tokens}})

    monkeypatch.setattr(Chat, "reply", reply)
    return asked


def test_lines_far_less_likely_than_the_likeliest_fall_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_alone(monkeypatch, {"one": 1.0, "two": -0.5, "three": 0.5})
    lines = [line(1, "one"), line(2, "two"), line(3, "three")]
    assert Composer("embedded").that_state("Which?", "en", lines, {}, 4) == [lines[0], lines[2]]
    assert Composer("embedded").that_state("Which?", "en", lines, {}, 1) == [lines[0]]
    assert asked[:3] == ["- one", "- two", "- three"]


def test_long_lines_behind_the_first_three_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "and so on " * 40
    asked = asked_alone(monkeypatch, dict.fromkeys(["one", "two", "three", "four", "five"], 1.0))
    short = [line(at, text) for at, text in enumerate(["one", "two", "three", "four", "five"], 1)]
    assert Composer("embedded").that_state("Which?", "en", short, {}, 5) == short
    asked.clear()
    lines = [line(1, f"{long} one"), line(2, "two"), line(3, "three"), line(4, f"{long} four"), line(5, "five")]
    assert Composer("embedded").that_state("Which?", "en", lines, {}, 5) == lines[:3]
    assert len(asked) == 3
    lines[2:] = [line(3, f"{long} three"), line(4, "four")]
    assert Composer("embedded").that_state("Which?", "en", lines, {}, 5) == lines[:3]  # three whatever their length


def test_how_well_a_line_was_found_counts_beside_what_the_model_makes_of_it() -> None:
    assert reading.that_state([1.0, 0.6], [0.8, 0.8], WITHIN) == [0, 1]
    assert reading.that_state([1.0, 0.6], [0.8, 0.5], WITHIN) == [0]
    assert reading.that_state([1.0, 0.6], [0.5, 0.8], WITHIN) == [1, 0]  # the best first
    assert reading.that_state([5.0, -5.0], [0.1, 0.8], WITHIN) == [0]  # one at least is left
    assert reading.that_state([0.0, 0.5], [0.0, -0.1], WITHIN) == [1, 0]
    assert reading.that_state([1.0, 0.8], [0.8, 0.6], WITHIN) == [0, 1]
    assert reading.that_state([1.0, 0.8], [0.8, 0.6], [False, True]) == [0]  # across languages scores lie closer


def test_a_list_is_read_as_one_and_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = ["a", "b", "c", "d", "e", "f", "g", "h"]  # more than are read
    items = [line(at, text, "bullet", heading="It includes") for at, text in enumerate(numbers, 2)]
    asked = asked_alone(monkeypatch, {"one": -2.0, "a b c d e f": 0.5})
    assert Composer("embedded").that_state("What?", "en", [line(1, "one"), *items], {items[3].id: 0.4}, 4) == items
    assert len(asked) == 2
    assert Composer("embedded").that_state("What?", "en", items, {}, 1) == items
    assert len(asked) == 2  # there is nothing to choose
    asked_alone(monkeypatch, {"one": 0.5, "a b c d e f": 0.5, "two": 0.5})
    around = [line(1, "one"), *items, line(99, "two")]
    assert Composer("embedded").that_state("What?", "en", around, {}, 4) == around[:-1]


def test_a_list_is_one_in_whatever_order_its_items_were_found(
    corpus_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of this one only two items, the third first, are chosen; the others are nearly as near."""
    read: list[Passage] = []
    monkeypatch.setattr(Composer, "stated", lambda *_: 5.0)
    monkeypatch.setattr(Composer, "that_state", lambda self, question, language, lines, *_: read.extend(lines) or [])
    assert Sanad.open(corpus_index).ask("ما الذي يقال عن اتفاقية المعادن النادرة بين طوكيو وواشنطن؟").answered
    assert [len(unit) for unit in in_units(read) if unit[0].kind == "bullet"] == [4]


def test_the_best_lines_are_kept_whatever_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [line(at, text, "bullet", heading="It includes") for at, text in enumerate("abcd", 1)]
    asked_alone(monkeypatch, {"a b c d": 0.0, "one": 0.5, "two": 0.4})
    shown = [*items, line(8, "one"), line(9, "two")]
    assert Composer("embedded").that_state("What?", "en", shown, {}, 2) == shown[-2:]
    assert Composer("embedded").that_state("What?", "en", shown, {}, 3) == shown


def test_a_post_is_read_with_the_line_that_says_who_posted_it() -> None:
    post, poster = (
        line(1, "We will meet.", "post", heading="— City Hall (@hall)"),
        line(2, "— City Hall (@hall)", "post"),
    )
    poster = replace(poster, heading=post.text)
    far, near = line(9, "a", "bullet", heading="h"), line(3, "b", "bullet", heading="h")
    assert in_units([post, poster, near, far]) == [[post, poster], [near], [far]]
    assert in_units([poster, post]) == [[poster, post]]
    assert in_units([]) == []


def test_a_model_that_fails_on_the_second_reading_leaves_the_quotes(
    corpus_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies = iter(
        [AIMessage("Yes", response_metadata={"logprobs": {"content": [{"top_logprobs": top(Yes=0.95, No=0.05)}]}})]
    )

    def reply(*_: object, **__: object) -> AIMessage:
        if (first := next(replies, None)) is not None:
            return first
        raise ModelFailed("the language model failed: no memory; start again")

    monkeypatch.setattr(Chat, "reply", reply)
    question = "What does the minerals deal include, and what did Trump say about it?"
    answer = Sanad.open(corpus_index).ask(question)
    assert {claim.origin for claim in answer.claims} == {"quote"}
    assert answer.models["reader"] == "embedded"
    assert any("no memory" in note for note in answer.notes)


def test_without_probabilities_nothing_is_said_about_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Chat, "reply", lambda *_, **__: AIMessage("Yes"))
    assert Composer("embedded").that_state("Which?", "en", [line(1, "one"), line(2, "two")], {}, 4) == []


def test_reading_moves_the_confidence_and_never_past_an_unmet_demand() -> None:
    found = Confidence(0.6, (), 0.15)
    assert (
        found.after_reading(-3.0).probability
        < found.after_reading(0.0).probability
        < found.after_reading(3.0).probability
    )
    assert found.after_reading(3.0).answers
    assert not found.after_reading(-3.0).answers
    assert Confidence(0.3, (), 0.15).after_reading(1.0).probability < found.after_reading(1.0).probability
    assert not Confidence(0.95, (), 0.15).after_reading(0.0).answers  # however near, the model must say it of the lines
    absent = Confidence(0.1, ("France",), 0.15).after_reading(8.0)
    assert not absent.answers
    assert absent.probability < absent.threshold


def test_lines_are_read_under_what_they_stand_under(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a model cannot know who posted a post, nor who "he" is."""
    asked: list[str] = []

    def reply(_: Chat, prefix: object, request: str, options: object, *, afresh: bool) -> AIMessage:
        asked.append(request)
        return AIMessage("None")

    monkeypatch.setattr(Chat, "reply", reply)
    post = Passage("a.txt", 1, 0, 9, "We will\u2028meet.", "en", "post", "— The White House (@WhiteHouse)")
    bare = Passage("a.txt", 3, 20, 29, "They met.", "en", "prose", "")
    composer = Composer("embedded", required=True)
    composer.stated("What did the White House post?", [post, bare])
    composer.together("What did the White House post?", "en", [post, bare])
    assert "- (— The White House (@WhiteHouse)) We will meet.\n- They met.\n" in asked[0]
    assert "[1] (— The White House (@WhiteHouse)) We will meet.\n[2] They met.\n" in asked[1]


def test_what_a_list_stands_under_is_said_once() -> None:
    items = [line(at, text, "bullet", heading="It includes") for at, text in enumerate("ab", 1)]
    other = line(9, "c", heading="It includes")
    assert as_lines([*items, other]) == ["(It includes) a", "b", "(It includes) c"]
    assert as_lines([items[0], other, items[1]]) == ["(It includes) a", "(It includes) c", "(It includes) b"]
    elsewhere = replace(items[1], path="b.txt")
    assert as_lines([items[0], elsewhere]) == ["(It includes) a", "(It includes) b"]
    posts = [line(at, text, "post", heading="— City Hall (@hall)") for at, text in enumerate("de", 1)]
    assert as_lines(posts) == ["(— City Hall (@hall)) d", "(— City Hall (@hall)) e"]  # who posted each


def test_a_long_list_counts_as_its_longest_item(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [line(at, "x" * 150 + f" {at}", "bullet", heading="It includes") for at in range(11, 17)]
    shown = [line(1, "one"), line(2, "two"), line(3, "three"), *items]
    asked_alone(monkeypatch, {"one": 1.0, "two": 1.0, "three": 1.0, "11 12 13 14 15 16": 1.0})
    assert Composer("embedded").that_state("Which?", "en", shown, {}, 5) == shown


def test_only_the_model_that_was_calibrated_is_asked() -> None:
    passage = Passage("a.txt", 1, 0, 5, "Lines", "en", "prose", "")
    assert Composer("ollama:any").stated(SPENDING, [passage]) is None


def test_an_answer_says_who_read_it(corpus_index: Path) -> None:
    answer = Sanad.open(corpus_index).ask(SPENDING)
    assert answer.answered
    assert answer.models["reader"] == "embedded"
    assert str(answer.models["runtime"]).split()[0] in ("ik-llama-cpp-python", "xllamacpp")
    quoted = Sanad.open(corpus_index, "none").ask(SPENDING)
    assert quoted.models["reader"] is quoted.models["runtime"] is None


def test_a_model_that_fails_to_read_leaves_the_quotes(corpus_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ModelFailed("the language model failed: no memory; start again")

    monkeypatch.setattr(Chat, "reply", fails)
    answer = Sanad.open(corpus_index).ask(SPENDING)
    assert answer.claims
    assert {claim.origin for claim in answer.claims} == {"quote"}
    assert answer.models["reader"] is None
    assert any("no memory" in note for note in answer.notes)
    assert any(citation.path == ALLIANCE for citation in answer.citations)


@pytest.mark.parametrize("said", [-100.0, -8.0, 8.0, 100.0])
def test_whatever_a_line_makes_the_model_say_only_quotes_are_shown(
    corpus_index: Path, monkeypatch: pytest.MonkeyPatch, said: float
) -> None:
    quotes = Sanad.open(corpus_index, "none").ask(SPENDING)
    monkeypatch.setattr(Composer, "stated", lambda *_: said)
    monkeypatch.setattr(Composer, "that_state", lambda *_: [])
    monkeypatch.setattr(Composer, "write", lambda *_, **__: iter(()))
    sanad = Sanad.open(corpus_index)
    answer = sanad.ask(SPENDING)
    assert answer.claims == (quotes.claims if said > 0 else ())
    assert answer.nearest == quotes.nearest
    assert not sanad.ask("Who is the prime minister of France?").answered
