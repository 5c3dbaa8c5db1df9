"""Compute the means that ship with the embedded encoder: of texts (index/data/language_means.npz), of tokens (token_means.npz).

    python benchmarks/language_means.py --data DIR

DIR holds abstain_nomiracl.jsonl (NoMIRACL, Apache-2.0): real questions and encyclopedia passages in Arabic and English.
The mean of a language's vectors is what says "this is Arabic" rather than what the text is about; a collection of two
articles is too small to estimate it well, so it is shrunk towards these priors (index.neutral). The same of single tokens in
the layer that late interaction reads (index.late).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from index.encoders import open_encoder
from index.late import MEANS_FILE, token_states_of
from index.neutral import PRIORS_FILE
from index.segment import sentence_spans

SENTENCES_PER_LANGUAGE = 800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    rows = [json.loads(line) for line in (parser.parse_args().data / "abstain_nomiracl.jsonl").open(encoding="utf-8")]
    encoder = open_encoder("embedded")
    means: dict[str, np.ndarray] = {}
    token_means: dict[str, np.ndarray] = {}
    for language in ("ar", "en"):
        questions = [row["question"] for row in rows if row["lang"] == language]
        texts = [passage["text"] for row in rows if row["lang"] == language for passage in row["passages"]]
        sentences = [text[start:end] for text in texts for start, end in sentence_spans(text, language)]
        step = max(1, len(sentences) // SENTENCES_PER_LANGUAGE)
        sentences = sentences[::step][:SENTENCES_PER_LANGUAGE]
        means[f"query_{language}"] = encoder.embed_queries(questions).mean(axis=0)
        means[f"passage_{language}"] = encoder.embed_documents(sentences).mean(axis=0)
        for role, read in (("query", questions), ("passage", sentences)):
            states = [token_states_of(text, role)[0] for text in read]
            token_means[f"{role}_{language}"] = np.concatenate(states).mean(axis=0)
    np.savez(PRIORS_FILE, **means)
    np.savez(MEANS_FILE, **token_means)
    print(f"wrote {PRIORS_FILE.name} and {MEANS_FILE.name}: {', '.join(sorted(means))}")


if __name__ == "__main__":
    main()
