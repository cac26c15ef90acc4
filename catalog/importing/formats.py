"""What lies where: which files of a folder hold items, queries and judgments, and what their columns are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import ImportRefused
from catalog.importing.tables import table_open

SCALE = {"3": 4, "2": 3, "1": 2, "0": 1, "L4": 4, "L3": 3, "L2": 2, "L1": 1}
ESCI = {"E": 4, "S": 3, "C": 2, "I": 1, "Exact": 4, "Substitute": 3, "Complement": 2, "Irrelevant": 1}
WANDS = {"Exact": 4, "Partial": 3, "Irrelevant": 1}

# canonical name -> columns that may hold it, the first one present is taken
ITEM = {
    "id": ("product_id", "item_id", "docid", "id", "sku"),
    "title": ("title", "product_title", "product_name", "name"),
    "brand": ("brand", "product_brand"),
    "category": ("category", "product_type", "product_class", "category_hierarchy"),
    "locale": ("product_locale",),
    "attributes": ("attributes_json", "attributes", "product_features"),
    "images": ("image_path", "image", "images"),
    "image_url": ("image_url",),
}
DESCRIPTION = (
    "description", "short_description", "product_description", "bullet_points", "product_bullet_point",
)  # fmt: skip
LEXICON = "lexicon.json"
IGNORED = frozenset({"image_thumb_url"})
QUERY = {
    "id": ("query_id", "qid", "id"),
    "text": ("query", "text", "query_text"),
    "traffic": ("traffic", "frequency", "n_searches"),
}
PAIR = {
    "query_id": ("query_id", "qid"),
    "query": ("query", "query_text"),
    "item": ("product_id", "item_id", "docid"),
    "locale": ("product_locale",),
    "grade": ("label", "esci_label", "grade", "rating", "relevance"),
    "dimension": ("dimension",),
    "picture_decided": ("picture_decided",),
    "rater": ("rater", "person", "annotator"),
    "seconds": ("seconds",),
}


@dataclass(frozen=True)
class Format:
    """File names are alternatives in order of preference, except `items`, of which all present are read."""

    name: str
    items: tuple[str, ...]
    queries: tuple[str, ...]
    judged: tuple[str, ...]
    ratings: tuple[str, ...] = ()
    rankings: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    grades: Mapping[str, int] = field(default_factory=lambda: SCALE)
    source: str = ""
    licence: str = ""
    attribution: str = ""

    @property
    def grade_map(self) -> dict[str, str]:
        """The source's own grades as levels, for the release that imported judgments name."""
        return {given: f"L{grade}" for given, grade in self.grades.items() if not given.startswith("L")}


_RATINGS, _RANKINGS = ("ratings_by_rater.csv",), ("rankings.jsonl",)
_PLAIN_ITEMS = ("products.csv", "items.csv", "catalogue.csv.gz", "catalogue.csv")
_PLAIN = (("queries.csv", "queries.tsv"), ("labels.csv", "judgments.csv", "pairs.csv"))
FORMATS = {
    "chorus": Format(
        "chorus", ("products.csv", "catalogue.csv.gz"), ("queries.csv",), ("labels.csv",), _RATINGS, _RANKINGS,
        source="Chorus electronics (querqy/chorus)", licence="ratings Apache-2.0; products Icecat Open Content",
        attribution="Product texts: Icecat, Open Content licence. Ratings: querqy/chorus.",
    ),
    "esci": Format(
        "esci",
        ("products.csv", "shopping_queries_dataset_products.parquet", "products.parquet"),
        ("queries.csv",),
        ("labels.csv", "shopping_queries_dataset_examples.parquet", "examples.parquet"),
        grades={**ESCI, **SCALE},
        source="Amazon ESCI (amazon-science/esci-data)", licence="Apache-2.0",
        attribution="Shopping Queries Data Set, Amazon, Apache-2.0.",
    ),
    "wands": Format(
        "wands", ("product.csv",), ("query.csv",), ("label.csv",), grades={**WANDS, **SCALE},
        source="WANDS (wayfair/WANDS)", licence="MIT", attribution="WANDS, Wayfair, MIT licence.",
    ),
    "csv": Format("csv", _PLAIN_ITEMS, *_PLAIN, _RATINGS, _RANKINGS, grades={**SCALE, **ESCI}),
    "parquet": Format(
        "parquet", ("products.parquet", "items.parquet"), ("queries.parquet",),
        ("labels.parquet", "judgments.parquet", "pairs.parquet"), ("ratings_by_rater.parquet",),
        grades={**SCALE, **ESCI},
    ),
    "images": Format(
        "images", (), (), (), images=("images.csv",), source="Clothing photos", licence="CC0",
        attribution="Clothing data set, CC0.",
    ),
}  # fmt: skip
CHOICES = ("auto", *FORMATS)


def format_find(path: Path, name: str = "auto") -> Format:
    """The named format, or the one that the folder's (or the file's) names and columns tell. Raises ImportRefused."""
    if not path.exists():
        raise ImportRefused(f"{path} does not exist.")
    if name not in CHOICES:
        raise ImportRefused(f"There is no format {name}: use {', '.join(CHOICES)}.")
    found = FORMATS[_sniff(path)] if name == "auto" else FORMATS[name]
    if path.is_dir() and not any((path / part).is_file() for part in _files(found)):
        wanted = ", ".join(_files(found)[:6])
        raise ImportRefused(f"No file of the format {found.name} lies in {path}: it looks for {wanted}.")
    return found


def _files(format: Format) -> tuple[str, ...]:
    return (*format.items, *format.queries, *format.judged, *format.ratings, *format.images, LEXICON)


def _sniff(path: Path) -> str:
    if path.is_file():
        return "parquet" if path.suffix == ".parquet" else "csv"
    names = {part.name for part in path.iterdir()}
    if "images.csv" in names and "products.csv" not in names:
        return "images"
    if {"label.csv", "product.csv"} <= names:
        return "wands"
    if "shopping_queries_dataset_examples.parquet" in names or "examples.parquet" in names:
        return "esci"
    columns = set(table_open(path / "products.csv").columns) if "products.csv" in names else set()
    if {"attributes_json", "short_description"} <= columns and "labels.csv" in names:
        return "chorus"
    if "bullet_points" in columns and "labels.csv" in names:
        return "esci"
    return "parquet" if any(name.endswith(".parquet") for name in names) else "csv"
