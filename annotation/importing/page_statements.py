"""The SQL by which verdicts on pages, and choices between two, are taken up: a chunk is staged, resolved and written.

`lore_page` is a page as one row of the file shows it, `lore_page_item` what stands on it, `lore_page_answer` what was said.
`lore_page_known` outlives the chunk: grades further down the file name pages by the ids they had where they come from.
"""

STAGE = """
CREATE TEMP TABLE IF NOT EXISTS lore_page (
    place int PRIMARY KEY, line int, other boolean, query text, query_key text, topic text, name text, at timestamptz,
    corpus text, given bigint, query_id bigint, pairs bigint[], versions bigint[], page_id bigint,
    fresh boolean NOT NULL DEFAULT false);
CREATE TEMP TABLE IF NOT EXISTS lore_page_item (
    place int, position int, docid text, version_hash text, item_id bigint, version_id bigint, pair_id bigint);
CREATE TEMP TABLE IF NOT EXISTS lore_page_answer (
    line int, place int, other_place int, id uuid, foreign_id uuid, person bigint, release bigint, said int,
    other_left boolean, seconds float8, blind boolean, comment text, at timestamptz, supersedes uuid,
    foreign_supersedes uuid, replaces uuid);
CREATE TEMP TABLE IF NOT EXISTS lore_page_known (corpus text, given bigint, page_id bigint, PRIMARY KEY (corpus, given));
TRUNCATE lore_page_known;
"""
UNSTAGE = "DROP TABLE IF EXISTS lore_page, lore_page_item, lore_page_answer, lore_page_known"
CLEAR = "TRUNCATE lore_page, lore_page_item, lore_page_answer"
COPIES = {
    "lore_page": "place, line, other, query, query_key, topic, name, at, corpus, given",
    "lore_page_item": "place, position, docid, version_hash",
    "lore_page_answer": "line, place, other_place, id, foreign_id, person, release, said, other_left, seconds, blind,"
    " comment, at, supersedes, foreign_supersedes",
}
ANALYZE = "ANALYZE lore_page, lore_page_item, lore_page_answer"

ITEMS = (
    """UPDATE lore_page_item shown SET item_id = item.id, version_id = item.current_id FROM catalog_item item
    WHERE item.corpus_id = %(corpus)s AND item.external_id = shown.docid AND item.current_id IS NOT NULL""",
    """UPDATE lore_page_item shown SET version_id = version.id FROM catalog_itemversion version
    WHERE shown.version_hash <> '' AND version.item_id = shown.item_id
      AND version.content_hash = shown.version_hash""",
)
QUERIES = (
    """UPDATE lore_page page SET query_id = query.id FROM catalog_query query
    WHERE page.query_key <> '' AND query.corpus_id = %(corpus)s AND query.key = page.query_key""",
    """UPDATE lore_page page SET query_id = query.id FROM catalog_query query
    WHERE page.query_key = '' AND page.topic <> '' AND query.corpus_id = %(corpus)s
      AND query.external_id = page.topic""",
)
# One fault a row of the file: the first of its query, then of its items in the order shown.
FAULTS = """
SELECT DISTINCT ON (line) line, other, kind, docid, query FROM (
    SELECT line, other, 'query' AS kind, 0 AS position, '' AS docid, coalesce(nullif(query, ''), topic) AS query
    FROM lore_page WHERE query_id IS NULL AND query_key = ''
    UNION ALL
    SELECT page.line, page.other, CASE WHEN item.version_id IS NULL THEN 'unknown' ELSE 'twice' END, item.position,
        item.docid, coalesce(nullif(page.query, ''), page.topic)
    FROM lore_page page JOIN (SELECT *, row_number() OVER (PARTITION BY place, docid ORDER BY position) AS seen
        FROM lore_page_item) item USING (place)
    WHERE item.version_id IS NULL OR item.seen > 1) found
ORDER BY line, other, position
"""
DROP_FAULTY = (
    "DELETE FROM lore_page_answer WHERE line = ANY(%(faulty)s)",
    "DELETE FROM lore_page_item WHERE place IN (SELECT place FROM lore_page WHERE line = ANY(%(faulty)s))",
    "DELETE FROM lore_page WHERE line = ANY(%(faulty)s)",
)
# What is here already keeps its pages; of what a file says twice the first is taken.
KNOWN = (
    """UPDATE lore_page_answer answer SET id = foreign_id
    WHERE {mine} AND EXISTS (SELECT 1 FROM {table} held WHERE held.id = answer.id AND held.corpus_id <> %(corpus)s)""",
    """UPDATE lore_page page SET page_id = held.{column} FROM lore_page_answer answer JOIN {table} held USING (id)
    WHERE {mine} AND page.place = answer.{place}""",
    "DELETE FROM lore_page_answer answer USING {table} held WHERE {mine} AND held.id = answer.id",
)
DROP_DOUBLES = """
DELETE FROM lore_page_answer later USING lore_page_answer first
WHERE first.id = later.id AND first.line < later.line
  AND (first.other_place IS NULL) = (later.other_place IS NULL)
"""
NEW_QUERIES = """
SELECT min(query) FROM lore_page WHERE query_id IS NULL AND page_id IS NULL AND query_key <> '' GROUP BY query_key
"""
PAIRS = """
INSERT INTO catalog_pair (corpus_id, query_id, item_id)
SELECT DISTINCT %(corpus)s::bigint, page.query_id, item.item_id FROM lore_page page JOIN lore_page_item item USING (place)
WHERE page.page_id IS NULL AND NOT EXISTS (SELECT 1 FROM catalog_pair pair
    WHERE pair.query_id = page.query_id AND pair.item_id = item.item_id)
ON CONFLICT DO NOTHING
"""
CONTENTS = (
    """UPDATE lore_page_item item SET pair_id = pair.id FROM lore_page page, catalog_pair pair
    WHERE page.place = item.place AND page.page_id IS NULL
      AND pair.query_id = page.query_id AND pair.item_id = item.item_id""",
    """UPDATE lore_page page SET pairs = shown.pairs, versions = shown.versions FROM (
        SELECT place, array_agg(pair_id ORDER BY position) AS pairs, array_agg(version_id ORDER BY position) AS versions
        FROM lore_page_item GROUP BY place) shown
    WHERE shown.place = page.place AND page.page_id IS NULL""",
    # the page with these items that was put at this moment; one without a name or a moment is any that shows the same
    """UPDATE lore_page page SET page_id = same.id FROM (
        SELECT DISTINCT ON (asked.place) asked.place, held.id FROM lore_page asked
        JOIN catalog_page held ON held.query_id = asked.query_id AND held.corpus_id = %(corpus)s
            AND (asked.at IS NULL OR held.created_at = asked.at) AND asked.name IN ('', held.name)
        WHERE asked.page_id IS NULL AND (asked.pairs, asked.versions) = (
            SELECT array_agg(entry.pair_id ORDER BY position), array_agg(entry.item_version_id ORDER BY position)
            FROM catalog_pageentry entry WHERE entry.page_id = held.id)
        ORDER BY asked.place, held.id) same
    WHERE same.place = page.place""",
)
_NEW = "lore_page WHERE page_id IS NULL GROUP BY query_id, pairs, versions"
_ALIKE = "(page.query_id, page.pairs, page.versions) = (alike.query_id, alike.pairs, alike.versions)"
NEW_PAGES = (
    f"""UPDATE lore_page page SET at = alike.at FROM (
        SELECT query_id, pairs, versions, coalesce(min(at), now()) AS at FROM {_NEW}) alike
    WHERE page.page_id IS NULL AND page.at IS NULL AND {_ALIKE}""",  # noqa: S608  (made of this module's own text)
    f"""UPDATE lore_page page SET name = alike.name FROM (
        SELECT query_id, pairs, versions, at, max(name) AS name FROM {_NEW}, at) alike
    WHERE page.page_id IS NULL AND page.name = '' AND page.at = alike.at AND {_ALIKE}""",  # noqa: S608
    f"""UPDATE lore_page SET fresh = true, page_id = nextval(pg_get_serial_sequence('catalog_page', 'id'))
    WHERE place IN (SELECT min(place) FROM {_NEW}, at, name)""",  # noqa: S608
    """UPDATE lore_page page SET page_id = made.page_id FROM lore_page made
    WHERE made.fresh AND page.page_id IS NULL AND (page.query_id, page.at, page.name, page.pairs, page.versions)
        = (made.query_id, made.at, made.name, made.pairs, made.versions)""",
    """INSERT INTO catalog_page (id, corpus_id, query_id, name, created_at)
    SELECT page_id, %(corpus)s, query_id, name, at FROM lore_page WHERE fresh""",
    """INSERT INTO catalog_pageentry (page_id, position, pair_id, item_version_id)
    SELECT page.page_id, item.position, item.pair_id, item.version_id
    FROM lore_page page JOIN lore_page_item item USING (place) WHERE page.fresh""",
    """INSERT INTO lore_page_known (corpus, given, page_id)
    SELECT DISTINCT ON (corpus, given) corpus, given, page_id FROM lore_page WHERE given IS NOT NULL
    ORDER BY corpus, given, place DESC
    ON CONFLICT (corpus, given) DO UPDATE SET page_id = excluded.page_id""",
)  # fmt: skip
# An answer replaces one that nothing has replaced yet, here or further up the file; of two that would, the first does.
REPLACES = """
UPDATE lore_page_answer answer SET replaces = first.id FROM (
    SELECT DISTINCT ON (old.id) old.id, later.line FROM lore_page_answer later CROSS JOIN LATERAL (
        SELECT held.id FROM {table} held
        WHERE held.corpus_id = %(corpus)s AND held.id IN (later.supersedes, later.foreign_supersedes)
          AND NOT EXISTS (SELECT 1 FROM {table} newer WHERE newer.supersedes_id = held.id)
        UNION ALL SELECT earlier.id FROM lore_page_answer earlier
        WHERE earlier.id IN (later.supersedes, later.foreign_supersedes) AND earlier.line < later.line
          AND (earlier.other_place IS NULL) = (later.other_place IS NULL)
        LIMIT 1) old
    WHERE later.supersedes IS NOT NULL AND {mine} ORDER BY old.id, later.line) first
WHERE first.line = answer.line
"""
VERDICTS = """
INSERT INTO annotation_pageverdict (id, corpus_id, page_id, person_id, release_id, mark, comment, blind, origin, seconds,
    supersedes_id, at)
SELECT answer.id, %(corpus)s, page.page_id, person, release, said, comment, blind, 'import', seconds, replaces,
    coalesce(answer.at, clock_timestamp())
FROM lore_page_answer answer JOIN lore_page page USING (place) WHERE other_place IS NULL ORDER BY answer.line
ON CONFLICT (id) DO NOTHING
"""
PREFERENCES = """
INSERT INTO annotation_pagepreference (id, corpus_id, page_id, other_page_id, left_page_id, person_id, release_id,
    preference, comment, origin, seconds, supersedes_id, at)
SELECT answer.id, %(corpus)s, page.page_id, other.page_id, CASE WHEN other_left THEN other.page_id ELSE page.page_id END,
    person, release, said, comment, 'import', seconds, replaces, coalesce(answer.at, clock_timestamp())
FROM lore_page_answer answer JOIN lore_page page USING (place) JOIN lore_page other ON other.place = other_place
ORDER BY answer.line
ON CONFLICT (id) DO NOTHING
"""
