"""SQuAD-format files as articles and gold: every answer stands in the line its fact names, in any script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Index, UsageError, refresh_index
from qa.cli import main
from qa.evaluation.gold import GoldQuestion, read_gold
from qa.evaluation.squad import Collection, Unit, read_squad, squad_collection, write_collection

WELL = (
    "The well was dug in 1904 by Dr. Ibrahim Haddad. It is 31 metres deep! "
    "Its water was sold for 2.5 piastres a jar, until the war. Nobody draws from it today."
)
BRIDGE = "بُنِيَ الجسر القديم سنة ١٩٢٣م. يبلغ طوله ٤٥٠ متراً، ويربط بين الضفتين. افتتحه الوزير «سليم الخوري» في حفلٍ كبيـر."


def qa(id_: str, question: str, context: str, *answers: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "question": question,
        "answers": [{"text": text, "answer_start": context.index(text)} for text in answers],
        **more,
    }


def entry(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in paragraphs]}


def well() -> dict[str, Any]:
    return entry(
        "The_Old_Well",
        (
            WELL,
            [
                qa("w1", "When was the well dug?", WELL, "1904", "in 1904", "1904"),
                qa("w2", "Who dug the well?", WELL, "Dr. Ibrahim Haddad"),
                qa("w3", "How deep is it, and its water's price?", WELL, "31 metres deep! Its water was sold for 2.5 piastres"),
                qa("w4", "Who owns the well?", WELL, is_impossible=True, plausible_answers=[]),
            ],
        ),
    )  # fmt: skip


def bridge() -> dict[str, Any]:
    return entry(
        "الجسر القديم: تاريخ/وصف",
        (
            BRIDGE,
            [
                qa("ج1", "متى بني الجسر؟", BRIDGE, "١٩٢٣م"),
                qa("ج2", "كم يبلغ طول الجسر؟", BRIDGE, "٤٥٠ متراً"),
                qa("ج3", "من افتتح الجسر؟", BRIDGE, "«سليم الخوري»"),
            ],
        ),
    )


def squad_file(path: Path, *entries: dict[str, Any], **more: Any) -> Path:
    path.write_text(json.dumps({"data": list(entries), "version": "1.1", **more}), encoding="utf-8")
    return path


def named_lines(collection: Collection, question: GoldQuestion) -> list[list[str]]:
    """For each fact the lines it names."""
    return [
        [collection.articles[line.path].split("\n")[line.first - 1] for line in fact.lines] for fact in question.facts
    ]


@pytest.mark.parametrize("unit", ["sentence", "paragraph"])
@pytest.mark.parametrize("made", [well, bridge])
def test_every_answer_stands_in_the_line_its_fact_names(made: Any, unit: Unit) -> None:
    data = made()
    collection = squad_collection([data], unit=unit)
    answers = {
        one["id"]: {answer["text"] for answer in one["answers"]}
        for paragraph in data["paragraphs"]
        for one in paragraph["qas"]
    }
    assert [question.id for question in collection.questions] == list(answers)
    assert not collection.skipped
    for question in collection.questions:
        assert question.answerable == bool(answers[question.id])
        for fact, lines in zip(question.facts, named_lines(collection, question), strict=True):
            assert fact.fact in answers[question.id]
            assert all(fact.fact in line for line in lines)
            assert all(re.search(question.answer_patterns[0], line) for line in lines)


def test_a_line_is_a_sentence_and_no_answer_is_cut() -> None:
    lines = next(iter(squad_collection([well()]).articles.values())).split("\n")
    assert lines == [
        "The Old Well",
        "",
        "The well was dug in 1904 by Dr. Ibrahim Haddad.",
        "It is 31 metres deep! Its water was sold for 2.5 piastres a jar, until the war.",  # w3 goes over the boundary
        "Nobody draws from it today.",
        "",
    ]


def test_the_answer_most_annotators_gave_is_the_fact_and_all_of_them_fit() -> None:
    first = squad_collection([well()]).questions[0]
    assert first.facts[0].fact == "1904"
    assert first.answer_patterns == (r"1904|in\s+1904",)


def test_unanswerable_questions_stay_unanswerable() -> None:
    last = squad_collection([well()]).questions[-1]
    assert (last.id, last.answerable, last.facts, last.answer_patterns) == ("w4", False, (), ())


def test_an_offset_that_is_off_and_other_white_space_are_mended() -> None:
    context = "شهد البلد انقلاباً. وُلد في\u00a0دمشق القديمة عام 1930. مات في دمشق  القديمة عام 1990."
    one = {"id": "1", "question": "أين ولد؟", "answers": [{"text": "في دمشق القديمة", "answer_start": 20}]}
    collection = squad_collection([entry("شاعر", (context, [one]))])
    (question,) = collection.questions
    assert named_lines(collection, question) == [["وُلد في\u00a0دمشق القديمة عام 1930."]]
    assert question.facts[0].fact == "في\u00a0دمشق القديمة"


def test_line_breaks_inside_a_context_move_nothing() -> None:
    context = "A heading\r\nThe mill\nburnt down in 1888. It was\u2028rebuilt at once."
    one = qa("1", "What burnt down in 1888?", context, "The mill\nburnt down")
    two = qa("2", "What happened then?", context, "rebuilt at once")
    collection = squad_collection([entry("", (context, [one, two]))])
    first, second = collection.questions
    assert "The mill burnt down" in named_lines(collection, first)[0][0]
    assert "rebuilt at once" in named_lines(collection, second)[0][0]


def test_a_sentence_that_overlapping_paragraphs_repeat_supports_wherever_it_stands() -> None:
    again = WELL.split("! ")[0] + "!"
    collection = squad_collection([entry("Well", (WELL, [qa("1", "Who dug it?", WELL, "Haddad")]), (again, []))])
    (question,) = collection.questions
    assert named_lines(collection, question) == [["The well was dug in 1904 by Dr. Ibrahim Haddad."] * 2]
    assert question.facts[0].lines[0] != question.facts[0].lines[1]


def test_nothing_is_left_out_silently() -> None:
    twice = entry("Again", (WELL, [qa("w1", "When?", WELL, "1904")]))
    lost = {"id": "w5", "question": "Where?", "answers": [{"text": "in Tyre", "answer_start": 4}]}
    empty = {"id": "w6", "question": " ? ", "answers": []}
    collection = squad_collection([well(), twice, entry("More", (WELL, [lost, empty]))])
    assert len(collection.questions) == 4
    assert [reason.partition(":")[0] for reason in collection.skipped] == ["question w5", "question w6", "question w1"]


def test_questions_in_one_language_over_articles_in_another(tmp_path: Path) -> None:
    english = "The old bridge was built in 1923. It is 450 metres long."
    other = entry("Bridge", (english, [qa("ج1", "When was the bridge built?", english, "1923")]))
    path = squad_file(tmp_path / "ar.json", bridge())
    collection = read_squad(path, questions=squad_file(tmp_path / "en.json", other))
    (question,) = collection.questions
    assert (question.question, question.language) == ("When was the bridge built?", "en")
    assert question.facts[0].fact == "١٩٢٣م"
    assert question.answer_patterns == ("١٩٢٣م|1923",)
    assert [reason.partition(":")[0] for reason in collection.skipped] == ["question ج2", "question ج3"]


def test_what_is_written_is_gold_over_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    collection = read_squad(squad_file(tmp_path / "squad.json", well(), bridge()))
    write_collection(collection, folder)
    names = ["0001-The-Old-Well.txt", "0002-الجسر-القديم-تاريخ-وصف.txt"]
    assert sorted(path.name for path in (folder / "articles").iterdir()) == names
    refresh_index(folder / "articles", tmp_path / "index")
    index = Index.open(tmp_path / "index")
    lines_of = {name: (folder / "articles" / name).read_text(encoding="utf-8").count("\n") + 1 for name in names}
    assert read_gold(folder / "gold.jsonl", lines_of) == collection.questions
    cited = {(passage.path, passage.line) for passage in index.passages}
    assert all(question.places <= cited for question in collection.questions)
    (hit, *_) = index.search("كم يبلغ طول الجسر؟", 1)
    assert (hit.passage.path, hit.passage.line) in collection.questions[5].places


def test_a_set_is_evaluated_as_the_command_says(tmp_path: Path) -> None:
    path, out = squad_file(tmp_path / "squad.json", well(), bridge()), tmp_path / "out"
    made = CliRunner().invoke(main, ["gold", "from-squad", str(path), str(out)])
    assert made.exit_code == 0, made.output
    assert "2 articles, 7 questions, 1 of them unanswerable" in made.output
    for command in re.findall(r"sanad (index .*|eval .*)", made.output):
        called = CliRunner().invoke(main, command.split())
        assert called.exit_code == 0, called.output
    assert "recall@5" in called.output
    for name in ("ar→ar", "en→en"):
        assert name in called.output


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="name a new folder"):
        write_collection(squad_collection([well()]), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read as JSON"),
        ('{"rows": []}', 'no list "data"'),
        ('{"data": [{"title": "T"}]}', "an article has no list 'paragraphs'"),
        ('{"data": [{"title": 3, "paragraphs": []}]}', "'title' is missing or no text"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "'context' is missing"),
        ('{"data": [{"paragraphs": [{"context": "c \\ud800", "qas": []}]}]}', "not valid Unicode at character 2"),
        ('{"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q"}]}]}]}', "has no id"),
        (
            '{"data": [{"paragraphs": [{"context": "c", "qas": [{"question": "q", "id": 1, "answers": [{"text": "c"}]}]}]}]}',
            "an answer of the question 1 has no whole number answer_start",
        ),
    ],
)
def test_another_format_is_refused_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "squad.json"
    path.write_text(content)
    with pytest.raises(UsageError) as caught:
        read_squad(path)
    assert said in str(caught.value)
    assert "squad.json" in str(caught.value)


words = st.sampled_from(
    ["نعم", "١٢", "bridge", "Dr.", "3.5", "٪", "!", "؟", ".", "«", "»", "\n", "كبيـر", "بُنِيَ", "U.S."]
)
contexts = st.lists(words, min_size=3, max_size=40).map(" ".join)


@given(contexts, st.data(), st.sampled_from(["sentence", "paragraph"]))
@settings(deadline=None, max_examples=150)
def test_any_span_of_any_context_is_found_in_its_line(context: str, data: st.DataObject, unit: Unit) -> None:
    begin = data.draw(st.integers(0, len(context) - 1))
    end = data.draw(st.integers(begin + 1, len(context)))
    text = context[begin:end]
    one = {"id": "1", "question": "What?", "answers": [{"text": text, "answer_start": begin}]}
    collection = squad_collection([entry("T", (context, [one]))], unit=unit)
    if not text.strip():
        assert len(collection.skipped) == 1
        return
    (question,) = collection.questions
    (lines,) = named_lines(collection, question)
    assert " ".join(text.split()) in " ".join(lines[0].split())
    kept = "".join("".join(article.split("\n")[2:]) for article in collection.articles.values())
    assert "".join(kept.split()) == "".join(context.split())
