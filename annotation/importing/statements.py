"""The SQL of an import: a chunk is staged, resolved against the catalog, and taken up; every step may run twice."""

from catalog.importing.statements import settling

STAGE = """
CREATE TEMP TABLE IF NOT EXISTS lore_answer (
    line int, query text, query_key text, topic text, docid text, version_hash text, grade smallint, dimension text,
    person bigint, given uuid, at timestamptz, comment text, seconds float8, picture boolean, blind boolean,
    disagreement text, shown jsonb, cited jsonb, release bigint, supersedes uuid, settled boolean, page_corpus text,
    page_given bigint, page bigint,
    query_id bigint, item_id bigint, version_id bigint, pair_id bigint, id uuid, place int);
CREATE INDEX IF NOT EXISTS lore_answer_given ON lore_answer (given);
CREATE TEMP TABLE IF NOT EXISTS lore_answer_new (id uuid, pair_id bigint, version_id bigint);
"""
UNSTAGE = "DROP TABLE IF EXISTS lore_answer, lore_answer_new"
COLUMNS = (
    "line", "query", "query_key", "topic", "docid", "version_hash", "grade", "dimension", "person", "given", "at",
    "comment", "seconds", "picture", "blind", "disagreement", "shown", "cited", "release", "supersedes", "settled",
    "page_corpus", "page_given",
)  # fmt: skip
COPY = f"COPY lore_answer ({', '.join(COLUMNS)}) FROM STDIN"
CLEAR = "TRUNCATE lore_answer, lore_answer_new"
ANALYZE = "ANALYZE lore_answer"

# The page a grade stood on, where the file has told of it.
ON_PAGES = """
UPDATE lore_answer answer SET page = known.page_id FROM lore_page_known known
WHERE answer.page_given = known.given AND answer.page_corpus = known.corpus
"""
ITEMS = (
    """UPDATE lore_answer answer SET item_id = item.id, version_id = item.current_id FROM catalog_item item
    WHERE item.corpus_id = %(corpus)s AND item.external_id = answer.docid""",
    # qrels write an id's blanks as underscores
    r"""UPDATE lore_answer answer SET item_id = item.id, version_id = item.current_id FROM catalog_item item
    WHERE answer.item_id IS NULL AND answer.query_key = '' AND item.corpus_id = %(corpus)s
      AND item.external_id ~ '\s' AND regexp_replace(item.external_id, '\s+', '_', 'g') = answer.docid""",
    """UPDATE lore_answer answer SET version_id = version.id FROM catalog_itemversion version
    WHERE answer.version_hash <> '' AND version.item_id = answer.item_id AND version.content_hash = answer.version_hash""",
)
NEW_QUERIES = """
SELECT min(query) FROM lore_answer answer WHERE query_key <> '' AND version_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM catalog_query query WHERE query.corpus_id = %(corpus)s AND query.key = answer.query_key)
GROUP BY query_key
"""
MAKE_QUERIES = """
WITH made AS (
    INSERT INTO catalog_query (corpus_id, external_id, text, key, facets, lexicon_id, created_at)
    SELECT %(corpus)s, '', text, key, facets, %(lexicon)s, now()
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(text text, key text, facets jsonb)
    ON CONFLICT DO NOTHING RETURNING id)
INSERT INTO catalog_traffic (query_id, count, stratum) SELECT id, 0, 'tail' FROM made
"""
QUERIES = (
    """UPDATE lore_answer answer SET query_id = query.id FROM catalog_query query
    WHERE answer.query_key <> '' AND query.corpus_id = %(corpus)s AND query.key = answer.query_key""",
    """UPDATE lore_answer answer SET query_id = query.id FROM catalog_query query
    WHERE answer.query_key = '' AND answer.topic <> '' AND query.corpus_id = %(corpus)s
      AND query.external_id = answer.topic""",
    """UPDATE lore_answer answer SET query_id = query.id FROM catalog_query query
    WHERE answer.query_key = '' AND answer.query_id IS NULL AND query.corpus_id = %(corpus)s
      AND query.id = CASE WHEN answer.topic ~ '^[0-9]{1,18}$' THEN answer.topic::bigint END""",
)
UNKNOWN = """
SELECT line, CASE WHEN version_id IS NULL THEN 'docid' ELSE 'query' END, query, topic, docid, grade
FROM lore_answer WHERE version_id IS NULL OR query_id IS NULL ORDER BY line
"""
DROP_UNKNOWN = "DELETE FROM lore_answer WHERE version_id IS NULL OR query_id IS NULL"
PAIRS = """
INSERT INTO catalog_pair (corpus_id, query_id, item_id)
SELECT DISTINCT %(corpus)s::bigint, query_id, item_id FROM lore_answer answer
WHERE NOT EXISTS (SELECT 1 FROM catalog_pair pair
    WHERE pair.query_id = answer.query_id AND pair.item_id = answer.item_id)
ON CONFLICT DO NOTHING
"""
PAIR_IDS = """
UPDATE lore_answer answer SET pair_id = pair.id FROM catalog_pair pair
WHERE pair.query_id = answer.query_id AND pair.item_id = answer.item_id
"""
# An id that is another corpus's is not taken over: the answer gets one made of it, the same each time.
_FOREIGN = """overlay(overlay(md5(concat_ws(':', 'given', %(corpus)s, {given})) PLACING '8' FROM 13)
    PLACING 'a' FROM 17)::uuid"""
IDS = f"""
UPDATE lore_answer answer SET id = CASE
    WHEN given IS NULL THEN overlay(overlay(md5(concat_ws(':', 'rating', pair_id, person, version_id, grade, dimension))
        PLACING '8' FROM 13) PLACING 'a' FROM 17)::uuid
    WHEN EXISTS (SELECT 1 FROM annotation_judgment j WHERE j.id = given AND j.corpus_id <> %(corpus)s)
        THEN {_FOREIGN.format(given="given")}
    ELSE given END
"""  # noqa: S608  (made of this module's own text)
PLACES = """
UPDATE lore_answer answer SET place = numbered.place FROM (
    SELECT line, ctid AS row, CASE WHEN given IS NULL THEN row_number() OVER (
            PARTITION BY pair_id, person, given IS NULL ORDER BY line, ctid)
        ELSE row_number() OVER (PARTITION BY id ORDER BY line, ctid) END AS place
    FROM lore_answer) numbered WHERE numbered.row = answer.ctid AND numbered.place > 1
"""
DOUBLES = "SELECT line, query, docid, grade FROM lore_answer WHERE place IS NOT NULL ORDER BY line"
DROP_DOUBLES = "DELETE FROM lore_answer WHERE place IS NOT NULL"
JUDGMENTS = f"""
WITH taken AS (
    INSERT INTO annotation_judgment (id, corpus_id, pair_id, item_version_id, person_id, release_id, grade, dimension,
        rules_shown, rules_cited, picture_decided, disagreement, blind, origin, seconds, page_id, supersedes_id, at)
    SELECT answer.id, %(corpus)s, pair_id, version_id, person, release, grade, dimension, shown, cited, picture,
        disagreement, blind, 'import', seconds, page, CASE WHEN given IS NULL THEN
            (SELECT head.id FROM annotation_judgment head WHERE head.pair_id = answer.pair_id
             AND head.person_id = answer.person AND head.origin = 'import'
             AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = head.id) LIMIT 1)
        WHEN answer.supersedes IS NOT NULL THEN (SELECT old.id FROM (
                SELECT other.id FROM lore_answer other WHERE other.given = answer.supersedes
                UNION ALL SELECT j.id FROM annotation_judgment j WHERE j.corpus_id = %(corpus)s
                    AND j.id IN (answer.supersedes, {_FOREIGN.format(given="answer.supersedes")})) old
             WHERE NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = old.id) LIMIT 1) END,
        coalesce(answer.at, clock_timestamp())
    FROM lore_answer answer
    WHERE NOT EXISTS (SELECT 1 FROM annotation_judgment known WHERE known.id = answer.id)
    ON CONFLICT DO NOTHING RETURNING id, pair_id, item_version_id)
INSERT INTO lore_answer_new SELECT * FROM taken
"""  # noqa: S608  (made of this module's own text)
NOTES = """
INSERT INTO annotation_judgmentnote (judgment_id, comment)
SELECT fresh.id, answer.comment FROM lore_answer_new fresh JOIN lore_answer answer ON answer.id = fresh.id
WHERE answer.comment <> '' ON CONFLICT DO NOTHING
"""
# An import never replaces what people settled here.
SETTLED = settling(
    """SELECT DISTINCT ON (pair_id) pair_id, version_id, grade, dimension, %(method)s AS method, picture, blind
    FROM lore_answer WHERE settled ORDER BY pair_id, line""",
    compared="grade, item_version_id",
)
# Where people's answers came in: what more than half of them say settles a pair that nothing has settled yet.
MAJORITY = """
WITH counted AS (
    SELECT j.pair_id, j.grade, j.dimension, count(*) AS n, max(j.item_version_id) AS version_id,
        bool_or(j.picture_decided) AS picture, bool_and(j.blind) AS blind,
        sum(count(*)) OVER (PARTITION BY j.pair_id, j.grade) AS of_grade
    FROM annotation_judgment j
    WHERE j.pair_id IN (SELECT pair_id FROM lore_answer_new) AND j.grade IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = j.id)
    GROUP BY j.pair_id, j.grade, j.dimension
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY pair_id ORDER BY of_grade DESC, n DESC, grade, dimension) AS place,
        sum(n) OVER (PARTITION BY pair_id) AS total FROM counted
)
INSERT INTO catalog_settledverdict (pair_id, item_version_id, grade, dimension, source, method, picture_decided, blind, at)
SELECT pair_id, version_id, grade, dimension, 'import', 'majority of ' || total, picture, blind, now()
FROM placed WHERE place = 1 AND of_grade * 2 > total ON CONFLICT DO NOTHING
"""
