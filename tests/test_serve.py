"""`sanad serve` as other programs meet it: a real process, real HTTP on this machine."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from conftest import CORPUS, ROOT, TOKYO
from serving import PATIENCE, Served, events, eventually, served
from test_cli import validate

from index import refresh_index
from qa.check import check_answer
from qa.cli import main
from qa.serving.guard import Rate, is_loopback

MINERALS = "What does the minerals deal include?"
STREAM = {"Accept": "text/event-stream"}
TOKEN = "a-token-of-the-tests-0123456789"


@pytest.fixture(scope="module")
def server(corpus_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), "--index", corpus_index, "--llm", "none") as running:
        yield running


def command_line(*arguments: object) -> Any:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings_ms"}


def assert_problem(response: httpx.Response, status: int, *said: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert "\n" not in problem["detail"]
    for words in said:
        assert words in problem["detail"]


@pytest.mark.parametrize(
    "question", [MINERALS, "كم سيبلغ الإنفاق الدفاعي الياباني؟", "Who is the prime minister of France?"]
)
def test_an_answer_is_that_of_the_command_line(server: Served, corpus_index: Path, question: str) -> None:
    response = server.client.post("/ask", json={"question": question, "id": "q1"})
    assert response.status_code == 200
    answer = response.json()
    validate(answer, "answer.schema.json")
    printed = command_line("ask", question, "--index", corpus_index, "--llm", "none", "--json")
    assert without_times(answer) == without_times(printed) | {"id": "q1"}
    assert check_answer(answer, CORPUS) == []


def test_a_search_is_that_of_the_command_line(server: Served, corpus_index: Path) -> None:
    response = server.client.post("/search", json={"question": MINERALS, "k": 3, "only": {"sources": ["*tokyo*"]}})
    printed = CliRunner().invoke(
        main, ["search", MINERALS, "--index", str(corpus_index), "-k", "3", "--source", "*tokyo*", "--json"]
    )
    assert response.text == printed.stdout
    validate(response.json(), "search.schema.json")


def test_the_events_of_an_answer_come_in_order(server: Served) -> None:
    whole = server.client.post("/ask", json={"question": MINERALS}).json()
    with server.client.stream("POST", "/ask", json={"question": MINERALS}, headers=STREAM) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        got = list(events(response))
    names = [name for name, _ in got]
    assert names[0] == "nearest"
    assert names[-1] == "answer"
    assert set(names[1:-1]) == {"claim"}
    assert got[0][1]["nearest"] == whole["nearest"]
    claims: dict[int, Any] = {}
    for _, data in got[1:-1]:
        assert data["number"] <= len(claims) + 1
        claims[data["number"]] = data["claim"]
    assert [claims[number] for number in sorted(claims)] == whole["claims"]
    assert without_times(got[-1][1]) == without_times(whole)


def test_a_follow_up_is_completed_and_a_filter_is_obeyed(server: Served) -> None:
    body = {"question": "And when?", "follow_up_to": "What did China restrict?", "only": {"languages": ["ar"]}}
    answer = server.client.post("/ask", json=body).json()
    assert "China restrict" in answer["asked_as"]
    assert answer["settings"]["only"] == {"languages": ["ar"]}


def test_claims_are_judged(server: Served) -> None:
    pairs = [
        {"claim": "Spending will rise to 2%.", "source": "Spending will rise to 2%.", "id": 1},
        {"claim": "Spending will rise to 3%.", "source": "Spending will rise to 2%."},
    ]
    verdicts = server.client.post("/verify", json={"pairs": pairs}).json()["verdicts"]
    assert [verdict["supported"] for verdict in verdicts] == [True, False]
    assert verdicts[0]["id"] == 1
    assert verdicts[1]["reasons"]


def test_articles_are_listed_and_read(server: Served) -> None:
    listed = server.client.get("/articles").json()
    assert listed["total"] == 2
    assert [one["path"] for one in listed["articles"]] == sorted(one.name for one in CORPUS.glob("*.txt"))
    assert server.client.get("/articles", params={"offset": 1, "limit": 1}).json()["articles"] == listed["articles"][1:]
    text = (CORPUS / TOKYO).read_bytes().decode("utf-8")
    read = server.client.get(f"/articles/{TOKYO}").json()
    assert read["as_indexed"]
    assert "\n".join(line["text"] for line in read["lines"]) == text.removesuffix("\n")
    for line in read["lines"]:
        assert text[line["start"] : line["end"]] == line["text"]
    part = server.client.get(f"/articles/{TOKYO}", params={"first": 3, "lines": 2}).json()
    assert part["lines"] == read["lines"][2:4]


@pytest.mark.parametrize(
    "path", ["nothing.txt", "../pyproject.toml", "..%2Fpyproject.toml", "%2Fetc%2Fpasswd", "a%00b"]
)
def test_no_path_leads_out_of_the_collection(server: Served, path: str) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", f"/articles/{path}")  # httpx would tidy the path up
    response = connection.getresponse()
    assert response.status == 404
    assert "no article" in json.loads(response.read())["detail"]
    connection.close()


def test_a_line_that_is_not_there(server: Served) -> None:
    assert_problem(server.client.get(f"/articles/{TOKYO}", params={"first": 999}), 404, "no line 999")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"question": "؟!"}, "ask something in words"),
        ({"question": "a" * 4001}, "4000"),
        ({}, "question"),
        ({"question": MINERALS, "secret-field": 1}, "secret-field"),
        ({"question": MINERALS, "only": {"since": "yesterday"}}, "only.since"),
    ],
)
def test_a_question_that_cannot_be_asked(server: Served, body: dict[str, Any], said: str) -> None:
    assert_problem(server.client.post("/ask", json=body), 422, said)
    assert_problem(server.client.post("/ask", json=body, headers=STREAM), 422, said)


def test_what_is_no_json(server: Served) -> None:
    for content in (b"{", b"\xff\xfe", b"[" * 100_000):
        response = server.client.post("/ask", content=content, headers={"Content-Type": "application/json"})
        assert response.status_code in (400, 422)
        assert_problem(response, response.status_code)
    assert_problem(server.client.post("/ask", content=b'{"question":"x y"}'), 422, "Content-Type")
    lone = b'{"question": "what \\ud800 is"}'
    assert_problem(server.client.post("/ask", content=lone, headers={"Content-Type": "application/json"}), 422)


def test_a_body_that_is_too_large(server: Served) -> None:
    large = b'{"question": "' + b"a" * 1_100_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    assert_problem(server.client.post("/ask", content=large, headers=headers), 413, "1,000,000")
    pieces = (large[at : at + 65536] for at in range(0, len(large), 65536))  # its length is not told
    assert_problem(server.client.post("/ask", content=pieces, headers=headers), 413, "1,000,000")


def test_pages_of_other_sites_may_not_ask(server: Served) -> None:
    for origin in ("https://example.org", "null"):
        response = server.client.post("/search", json={"question": MINERALS}, headers={"Origin": origin})
        assert_problem(response, 403)
        assert not [name for name in response.headers if name.startswith("access-control")]
    assert_problem(server.client.get("/articles", headers={"Host": "sanad.example.org"}), 403)  # DNS rebinding
    assert_problem(server.client.options("/ask", headers={"Origin": "https://example.org"}), 403)


def test_openapi_has_the_types_and_no_page_is_served(server: Served) -> None:
    described = server.client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    assert {"AnswerJSON", "SearchJSON", "ProblemJSON", "ClaimJSON", "CitationJSON"} <= set(schemas)
    written = json.loads((ROOT / "tests/schemas/answer.schema.json").read_text(encoding="utf-8"))
    assert set(schemas["AnswerJSON"]["required"]) == set(written["required"])
    for name, ours in (("claim", "ClaimJSON"), ("citation", "CitationJSON"), ("span", "SpanJSON")):
        assert set(schemas[ours]["properties"]) == set(written["$defs"][name]["properties"])
        assert set(schemas[ours]["required"]) == set(written["$defs"][name]["required"])
    assert_problem(server.client.get("/docs"), 404)
    assert_problem(server.client.get("/ask"), 405)


def test_metrics_count_requests_and_hold_nothing_that_was_asked(server: Served) -> None:
    route = 'sanad_requests_total{route="/ask",status="200"}'
    server.client.post("/ask", json={"question": MINERALS})
    before = server.figure(route)
    server.client.post("/ask", json={"question": MINERALS})
    server.client.get("/articles/some-unheard-of-name")
    assert server.figure(route) == before + 1
    assert server.figure("sanad_requests_inside") == 0
    assert server.figure("sanad_places") == 32
    text = server.client.get("/metrics").text
    assert "minerals" not in text
    assert "unheard" not in text


def test_twenty_streams_at_once(server: Served) -> None:
    questions = [
        MINERALS,
        "What did China restrict?",
        "من اختطفت كوريا الشمالية؟",
        "Who is the prime minister of France?",
    ]
    alone = {one: without_times(server.client.post("/ask", json={"question": one}).json()) for one in questions}

    def ask(number: int) -> tuple[str, list[tuple[str, Any]]]:
        question = questions[number % len(questions)]
        body = {"question": question}
        with httpx.stream("POST", f"{server.url}/ask", json=body, headers=STREAM, timeout=PATIENCE) as response:
            return question, list(events(response))

    with ThreadPoolExecutor(20) as pool:
        for question, got in pool.map(ask, range(20)):
            assert got[-1][0] == "answer"
            assert without_times(got[-1][1]) == alone[question]
    assert server.figure("sanad_requests_inside") == 0


def test_the_log_says_where_it_is_and_nothing_more(server: Served) -> None:
    assert server.log.count("\n") == 1, server.log


def test_the_index_is_read_again_when_it_was_refreshed(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "harbour.txt").write_text("The ferry left the harbour at noon.\n", encoding="utf-8")
    refresh_index(corpus, index)
    with served(tmp_path, "--index", index, "--llm", "none") as server:
        assert server.client.get("/articles").json()["total"] == 1
        (corpus / "mill.txt").write_text("The mill on the hill was sold to Ibrahim Naji.\n", encoding="utf-8")
        refresh_index(corpus, index)
        assert server.client.get("/articles").json()["total"] == 2
        found = server.client.post("/search", json={"question": "Who bought the mill?", "k": 1}).json()["hits"]
        assert found[0]["path"] == "mill.txt"
        (corpus / "mill.txt").write_text("Nothing is left of it.\n", encoding="utf-8")
        assert not server.client.get("/articles/mill.txt").json()["as_indexed"]
        (corpus / "mill.txt").unlink()
        assert_problem(server.client.get("/articles/mill.txt"), 409, "mill.txt")
        (corpus / "mill.txt").symlink_to(ROOT / "pyproject.toml")
        assert_problem(server.client.get("/articles/mill.txt"), 409, "outside")
        shutil.rmtree(index)
        assert_problem(server.client.post("/ask", json={"question": MINERALS}), 503, "sanad index")
        assert server.client.get("/health").json()["status"] == "ok"


@pytest.mark.parametrize("by_file", [True, False])
def test_a_token_opens_the_door_and_is_never_told(corpus_index: Path, tmp_path: Path, by_file: bool) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    how: tuple[object, ...] = ("--token-file", file) if by_file else ()
    environment = {} if by_file else {"SANAD_TOKEN": TOKEN}
    with served(tmp_path, "--index", corpus_index, "--llm", "none", "--host", "0.0.0.0", *how, **environment) as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=url, timeout=PATIENCE) as client:
            told: list[str] = []
            for given in ("", "Bearer", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer كلمة"):
                headers = {b"Authorization": given.encode()} if given else {}
                for path in ("/articles", "/openapi.json", "/metrics", "/nothing"):
                    response = client.get(path, headers=headers)
                    assert_problem(response, 401)
                    assert response.headers["www-authenticate"] == "Bearer"
                    told.append(response.text)
            assert client.get("/health").status_code == 200
            allowed = {"Authorization": f"Bearer {TOKEN}"}
            answer = client.post("/ask", json={"question": MINERALS}, headers=allowed)
            assert answer.json()["answered"]
            described = client.get("/openapi.json", headers=allowed).json()
            assert described["paths"]["/ask"]["post"]["security"]
            told += [answer.text, json.dumps(described), client.get("/metrics", headers=allowed).text, server.log]
            assert not [text for text in told if TOKEN in text]


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--host", "0.0.0.0"], {}, "needs a token"),
        (["--host", "::"], {}, "needs a token"),
        ([], {"SANAD_TOKEN": "short"}, "16 or more"),
        ([], {"SANAD_TOKEN": "with spaces in the token"}, "without spaces"),
        (["--token-file", "/nonexistent/token"], {}, "cannot be read"),
        (["--index", "/nonexistent"], {}, "no index"),
        (["--host", "999.1.1.1"], {"SANAD_TOKEN": TOKEN}, "cannot listen"),
    ],
)
def test_what_cannot_be_served(
    corpus_index: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["serve", "--index", str(corpus_index), "--llm", "none", *arguments])
    assert result.exit_code in (1, 2)
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert not environment or environment["SANAD_TOKEN"] not in result.output


def test_a_port_that_is_taken(corpus_index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["serve", "--index", str(corpus_index), "--llm", "none", "--port", port])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"sanad: cannot listen on 127.0.0.1:{port}")


@pytest.mark.parametrize(("command", "library"), [("serve", "fastapi"), ("serve", "prometheus_client"), ("mcp", "mcp")])
def test_a_missing_extra_is_named(command: str, library: str) -> None:
    code = f"import sys; sys.modules[{library!r}] = None; from qa.cli import main; main([{command!r}])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == (
        f"sanad: sanad {command} needs {library}, which is not installed; run: python -m pip install 'sanad[{command}]'\n"
    )


def test_too_many_at_once_are_told_so(corpus_index: Path, tmp_path: Path) -> None:
    """The one place is taken by a question to a language model that never answers."""
    with silent_model() as model, slow_server(corpus_index, tmp_path, model, "--waiting", "0") as server:
        with server.client.stream("POST", "/ask", json={"question": MINERALS}, headers=STREAM) as response:
            got = events(response)
            assert next(got)[0] == "nearest"
            busy = httpx.post(f"{server.url}/search", json={"question": MINERALS}, timeout=PATIENCE)
            assert_problem(busy, 503, "busy")
            assert int(busy.headers["retry-after"]) > 0
            assert server.figure("sanad_requests_inside") == 1
        assert eventually(lambda: server.figure("sanad_requests_inside") == 0)
        assert httpx.post(f"{server.url}/search", json={"question": MINERALS}, timeout=PATIENCE).status_code == 200


def test_a_client_that_goes_away_leaves_its_place(corpus_index: Path, tmp_path: Path) -> None:
    with silent_model() as model, slow_server(corpus_index, tmp_path, model) as server:
        for headers in (STREAM, {}):
            with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as connection:
                body = json.dumps({"question": MINERALS}).encode()
                lines = ["POST /ask HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
                lines += ["Content-Type: application/json", *(f"{name}: {value}" for name, value in headers.items())]
                connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
                assert eventually(lambda: server.figure("sanad_requests_inside") == 1)
            assert eventually(lambda: server.figure("sanad_requests_inside") == 0)


def test_an_answer_that_takes_too_long_is_given_up(corpus_index: Path, tmp_path: Path) -> None:
    with silent_model() as model, slow_server(corpus_index, tmp_path, model, "--timeout", "3") as server:
        assert_problem(server.client.post("/ask", json={"question": MINERALS}), 504, "3 s")
        with server.client.stream("POST", "/ask", json={"question": MINERALS}, headers=STREAM) as response:
            got = list(events(response))
        assert [name for name, _ in got] == ["nearest", "error"]
        assert got[-1][1]["status"] == 504
        assert server.figure("sanad_requests_inside") == 0


def test_a_stop_gives_up_what_does_not_end(corpus_index: Path, tmp_path: Path) -> None:
    with silent_model() as model, slow_server(corpus_index, tmp_path, model, "--grace", "1") as server:
        with (
            ThreadPoolExecutor(1) as pool,
            server.client.stream("POST", "/ask", json={"question": MINERALS}, headers=STREAM) as response,
        ):
            got = events(response)
            assert next(got)[0] == "nearest"
            plain = pool.submit(httpx.post, f"{server.url}/ask", json={"question": MINERALS}, timeout=PATIENCE)
            assert eventually(lambda: server.figure("sanad_requests_inside") == 2)
            server.process.terminate()
            name, problem = next(got)
            assert (name, problem["status"]) == ("error", 503)
            assert "stopping" in problem["detail"]
            assert_problem(plain.result(), 503, "stopping")
        assert server.process.wait(PATIENCE) == 0
        assert "Traceback" not in server.log


def test_a_stop_lets_answers_end(corpus_index: Path, tmp_path: Path) -> None:
    with served(tmp_path, "--index", corpus_index, "--llm", "none", "--grace", "100") as server:
        with ThreadPoolExecutor(8) as pool:
            body = {"question": MINERALS}
            asked = [pool.submit(httpx.post, f"{server.url}/ask", json=body, timeout=PATIENCE) for _ in range(8)]
            assert eventually(lambda: server.figure("sanad_requests_inside") > 0 or asked[0].done())
            assert server.stop() == 0
            ended = [one.result().status_code for one in asked if one.exception() is None]
        assert ended
        assert set(ended) <= {200, 503}  # 503: it came in after the signal
        assert "Traceback" not in server.log


def test_too_often_is_refused(corpus_index: Path, tmp_path: Path) -> None:
    with served(tmp_path, "--index", corpus_index, "--llm", "none", "--rate", "3") as server:
        responses = [server.client.get("/articles") for _ in range(5)]
    assert [one.status_code for one in responses[:3]] == [200, 200, 200]
    assert_problem(responses[4], 429)
    assert 0 < int(responses[4].headers["retry-after"]) <= 21


def test_the_rate_fills_again_evenly_and_for_each_client_alone() -> None:
    now = 0.0
    rate = Rate(60, lambda: now)
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]
    assert rate.wait("b") == 0
    now = 2.5
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 1]
    assert Rate(0, lambda: now).wait("a") == 0


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.4", False), ("example.org", False), ("", False)],
)  # fmt: skip
def test_which_addresses_are_of_this_machine(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_spans_are_sent_where_the_environment_says(corpus_index: Path, tmp_path: Path) -> None:
    got: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with listening(Collector) as url:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": url,
            "OTEL_SERVICE_NAME": "archive",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        }
        with served(tmp_path, "--index", corpus_index, "--llm", "none", **environment) as server:
            server.client.post("/ask", json={"question": MINERALS})
            server.client.post("/search", json={"question": MINERALS})
            assert server.stop() == 0
    sent = b"".join(got)
    for words in (b"archive", b"sanad.ask", b"sanad.search", b"sanad.claims", b"POST /ask"):
        assert words in sent
    assert b"minerals" not in sent


class silent_model:
    """A server of the OpenAI protocol that takes every question and never answers; the address is its value."""

    def __enter__(self) -> str:
        released = self.released = threading.Event()

        class Silent(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                released.wait(PATIENCE)

            def log_message(self, *_: object) -> None:
                pass

        self._listening = listening(Silent)
        return self._listening.__enter__()

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._listening.__exit__()


class listening:
    """An HTTP server in a thread; the address is its value."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def slow_server(index: Path, folder: Path, model: str, *arguments: str) -> Any:
    """A server with one place at a time for the language model at that address."""
    return served(
        folder, "--index", index, "--llm", "openai:silent", "--at-once", "1", *arguments,
        OPENAI_BASE_URL=f"{model}/v1", OPENAI_API_KEY="none", NO_PROXY="127.0.0.1",
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_client_that_goes_away_stops_the_language_model(corpus_index: Path, tmp_path: Path) -> None:
    with served(tmp_path, "--index", corpus_index, "--timeout", "800") as server:
        body = {"question": "By when will Japan raise its defence spending, and to what share of GDP?"}
        answer = httpx.post(f"{server.url}/ask", json=body, timeout=800).json()  # loads the model
        assert answer["models"]["llm"] == "embedded"
        before = cpu_seconds(server.process.pid)
        httpx.post(f"{server.url}/ask", json={"question": MINERALS}, timeout=800)
        whole = cpu_seconds(server.process.pid) - before
        with httpx.stream("POST", f"{server.url}/ask", json={"question": MINERALS}, headers=STREAM, timeout=300) as one:
            told = events(one)  # held: httpx closes the connection as soon as its iterator is dropped
            assert next(told)[0] == "nearest"
            begun = cpu_seconds(server.process.pid)
            assert eventually(lambda: cpu_seconds(server.process.pid) > begun + 1)  # it reads
        left = cpu_seconds(server.process.pid)
        assert eventually(lambda: server.figure("sanad_requests_inside") == 0)
        assert eventually(lambda: is_idle(server.process.pid))
        # A batch of the prompt that was begun is read to its end.
        assert cpu_seconds(server.process.pid) - left < whole / 2
        again = httpx.post(f"{server.url}/ask", json=body, timeout=800).json()
        assert again["claims"] == answer["claims"]
        assert server.stop() == 0


def is_idle(process: int) -> bool:
    worked = cpu_seconds(process)
    time.sleep(2)
    return cpu_seconds(process) - worked < 0.2


def cpu_seconds(process: int) -> float:
    """Of all threads of a process until now (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
