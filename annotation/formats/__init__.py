"""Every format that judgments leave and enter by, with what it carries and what it loses. Pure: no database."""

from annotation.formats import argilla, label_studio, native, quepid, tables
from annotation.formats.base import Fault, Format, Incoming, Rated, Unreadable

_SETTLED = (
    "people, dimensions, comments, times, releases, rules, rankings: one settled grade a pair is all it holds"
)
_PEOPLE = (
    "rules shown and cited, releases, campaigns, item versions, disagreements, withdrawn and replaced answers"
)

FORMATS: dict[str, Format] = {
    found.code: found
    for found in (
        Format(
            "jsonl", "JSONL with full provenance", "judgments.jsonl", "application/jsonl", "ledger",
            "every answer as it is in the ledger", "nothing", native.lines_write, native.lines_read,
        ),
        Format(
            "parquet", "Parquet with full provenance", "judgments.parquet", "application/vnd.apache.parquet", "ledger",
            "every answer as it is in the ledger", "nothing", native.lines_write, native.parquet_read,
        ),
        Format(
            "csv", "Quepid case CSV (query,docid,rating)", "judgments.csv", "text/csv", "settled",
            "one settled grade a pair", _SETTLED, tables.csv_write, tables.csv_read, header="query,docid,rating\n",
        ),
        Format(
            "qrels", "TREC qrels, with its topics", "qrels.txt", "text/plain", "settled", "one settled grade a pair",
            _SETTLED + "; blanks in an item's id become underscores", tables.qrels_write, tables.qrels_read,
        ),
        Format(
            "opensearch", "OpenSearch judgments (Search Relevance Workbench)", "opensearch-judgments.json",
            "application/json", "settled", "one settled grade a pair", _SETTLED, tables.opensearch_write,
            tables.opensearch_read,
            header='{"name":"Judgments","type":"IMPORT_JUDGMENT","judgmentRatings":[\n', footer="\n]}\n", joint=",\n",
        ),
        Format(
            "quepid_book", "Quepid book JSON", "quepid-book.json", "application/json", "people",
            "each person's standing grade, with dimension and comment in the explanation",
            _PEOPLE + ", times, rankings", quepid.write, quepid.read, header=quepid.header("Judgments"),
            footer="\n]}\n", joint=",\n",
        ),
        Format(
            "label_studio", "Label Studio JSON (choices and ranker)", "label-studio.json", "application/json", "people",
            "each person's standing grade, dimension, comment, time and order of reasonings",
            _PEOPLE + ", faults marked in reasonings", label_studio.write, label_studio.read, header="[\n",
            footer="\n]\n", joint=",\n",
        ),
        Format(
            "argilla", "Argilla records, flat", "argilla.json", "application/json", "people",
            "each person's standing grade, dimension, comment and order of reasonings",
            _PEOPLE + ", times, faults marked in reasonings", argilla.write, argilla.read, header="[\n", footer="\n]\n",
            joint=",\n",
        ),
    )
}  # fmt: skip

CHOICES = [(found.code, found.title) for found in FORMATS.values()]

__all__ = ["CHOICES", "FORMATS", "Fault", "Format", "Incoming", "Rated", "Unreadable"]
