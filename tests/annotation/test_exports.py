"""What leaves the house can be read back, and does no harm in a spreadsheet."""

import csv
import json
from io import StringIO
from types import SimpleNamespace

from annotation import services
from annotation.exports import csv_lines, jsonl_lines, qrels_lines, topics_lines
from annotation.selectors.exports import provenance_rows, rated_rows, topic_rows
from catalog.models import Query, SettledVerdict

from .conftest import Judge


def test_csv_guards_formulas_and_reads_back(shop: SimpleNamespace, judge: Judge) -> None:
    Query.objects.update(text='=HYPERLINK("x"), "quoted"\nand more')
    campaign = shop.campaign()
    for grade in (4, 3, 1):
        judge(campaign, shop.people.annotator, grade=grade)
    rows = list(csv.DictReader(StringIO("".join(csv_lines(rated_rows(shop.corpus, None))))))
    assert [row["rating"] for row in rows] == ["3", "2", "0"]
    assert all(row["query"].startswith(" =") for row in rows)
    read = {(row["query"].removeprefix(" "), row["docid"]): int(row["rating"]) + 1 for row in rows}
    settled = SettledVerdict.objects.values_list("pair__query__text", "pair__item__external_id", "grade")
    assert read == {(query, docid): grade for query, docid, grade in settled}


def test_qrels_with_their_topics(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator, grade=3)
    line = "".join(qrels_lines(rated_rows(shop.corpus, None))).split()
    topics = dict(row.rstrip("\n").split("\t") for row in topics_lines(topic_rows(shop.corpus)))
    assert line[1:] == ["0", shop.pairs[0].item.external_id, "2"] and topics[line[0]] == "burgundy dress"


def test_jsonl_holds_the_whole_ledger(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign()
    judge(
        campaign,
        shop.people.annotator,
        grade=2,
        dimension="colour",
        comment="blue",
        rules_shown=["R01"],
        seconds=2.5,
    )
    services.judgment_undo(campaign=campaign, person=shop.people.annotator)
    first, undo = (json.loads(line) for line in jsonl_lines(provenance_rows(shop.corpus, campaign)))
    assert (first["grade"], first["dimension"], first["comment"], first["rules_shown"]) == (
        2,
        "colour",
        "blue",
        ["R01"],
    )
    assert first["release"] == 1 and first["campaign"] == "Dresses" and first["person"] == "Annotator"
    assert undo["grade"] is None and undo["supersedes"] == first["id"]
