"""The loader's SQL. Staging lies in temporary tables of the session; parameters are named.

`seen_*` and `refs` live as long as the import: they find keys that occur twice, however far apart.
"""

STAGING = """
DROP TABLE IF EXISTS lore_query, lore_refs, lore_item, lore_seen_item, lore_pair, lore_found, lore_seen_pair;
CREATE TEMP TABLE lore_query (line int, ref text, external_id text, text text, key text, traffic bigint, implied bool);
CREATE TEMP TABLE lore_refs (ref text PRIMARY KEY, query_id bigint);
CREATE TEMP TABLE lore_item (line int, ref text, hash text, title text, brand text, category text, description text,
    attributes jsonb, images jsonb, item_id bigint, version_id bigint);
CREATE TEMP TABLE lore_seen_item (item_id bigint PRIMARY KEY);
CREATE TEMP TABLE lore_pair (line int, query_ref text, item_ref text, grade smallint, dimension text, picture bool,
    rater bigint, seconds float8, content jsonb);
CREATE TEMP TABLE lore_found (line int, query_ref text, item_ref text, grade smallint, dimension text, picture bool,
    rater bigint, seconds float8, content jsonb, query_id bigint, item_id bigint, version_id bigint, pair_id bigint);
CREATE TEMP TABLE lore_seen_pair (pair_id bigint, rater bigint, PRIMARY KEY (pair_id, rater));
"""
UNSTAGE = "DROP TABLE IF EXISTS lore_query, lore_refs, lore_item, lore_seen_item, lore_pair, lore_found, lore_seen_pair"

# queries ------------------------------------------------------------------------------------------------------
COPY_QUERIES = "COPY lore_query (line, ref, external_id, text, key, traffic, implied) FROM STDIN"
DOUBLE_QUERIES = """
DELETE FROM lore_query s USING (
    SELECT line, row_number() OVER (PARTITION BY ref ORDER BY line) AS place, ref FROM lore_query) d
WHERE d.line = s.line AND (d.place > 1 OR EXISTS (SELECT 1 FROM lore_refs r WHERE r.ref = d.ref))
RETURNING s.line, s.ref, s.implied
"""
QUERIES = """
INSERT INTO catalog_query (corpus_id, external_id, text, key, facets, created_at)
SELECT DISTINCT ON (s.key) %(corpus)s, CASE WHEN EXISTS (SELECT 1 FROM catalog_query q
    WHERE q.corpus_id = %(corpus)s AND q.external_id = s.external_id) THEN '' ELSE s.external_id END,
    s.text, s.key, '{}'::jsonb, now()
FROM lore_query s ORDER BY s.key, s.line ON CONFLICT (corpus_id, key) DO NOTHING
"""
REFS = """
INSERT INTO lore_refs SELECT s.ref, q.id FROM lore_query s
JOIN catalog_query q ON q.corpus_id = %(corpus)s AND q.key = s.key ON CONFLICT DO NOTHING
"""
TRAFFIC = """
INSERT INTO catalog_traffic AS t (query_id, count, stratum)
SELECT r.query_id, max(COALESCE(s.traffic, 0)), 'tail' FROM lore_query s JOIN lore_refs r USING (ref)
GROUP BY r.query_id ON CONFLICT (query_id) DO UPDATE SET count = GREATEST(t.count, excluded.count)
WHERE excluded.count > t.count
"""

# items --------------------------------------------------------------------------------------------------------
COPY_ITEMS = (
    "COPY lore_item (line, ref, hash, title, brand, category, description, attributes, images) FROM STDIN"
)
ITEMS = """
INSERT INTO catalog_item (corpus_id, external_id) SELECT DISTINCT %(corpus)s::bigint, ref FROM lore_item ORDER BY ref
ON CONFLICT (corpus_id, external_id) DO NOTHING
"""
ITEM_IDS = """
UPDATE lore_item s SET item_id = i.id FROM catalog_item i WHERE i.corpus_id = %(corpus)s AND i.external_id = s.ref
"""
DOUBLE_ITEMS = """
DELETE FROM lore_item s USING (
    SELECT line, row_number() OVER (PARTITION BY item_id ORDER BY line) AS place, item_id FROM lore_item) d
WHERE d.line = s.line AND (d.place > 1 OR EXISTS (SELECT 1 FROM lore_seen_item r WHERE r.item_id = d.item_id))
RETURNING s.line, s.ref
"""
SEEN_ITEMS = "INSERT INTO lore_seen_item SELECT item_id FROM lore_item"
VERSIONS = """
INSERT INTO catalog_itemversion (item_id, content_hash, title, brand, category, created_at)
SELECT item_id, hash, title, brand, category, now() FROM lore_item ORDER BY line
ON CONFLICT (item_id, content_hash) DO NOTHING
"""
VERSION_IDS = """
UPDATE lore_item s SET version_id = v.id FROM catalog_itemversion v
WHERE v.item_id = s.item_id AND v.content_hash = s.hash
"""
PAYLOADS = """
INSERT INTO catalog_itempayload (version_id, description, attributes)
SELECT version_id, description, attributes FROM lore_item ON CONFLICT (version_id) DO NOTHING
"""
BLOBS = """
INSERT INTO common_blob (sha256, size, media_type, created_at)
SELECT DISTINCT ON (i->>'blob') i->>'blob', (i->>'size')::bigint, i->>'media_type', now()
FROM lore_item s, jsonb_array_elements(s.images) i WHERE i ? 'blob' ORDER BY i->>'blob'
ON CONFLICT (sha256) DO NOTHING
"""
IMAGES = """
INSERT INTO catalog_itemimage (version_id, position, state, blob_id, url, reason)
SELECT s.version_id, i.place - 1, i.value->>'state', i.value->>'blob', COALESCE(i.value->>'url', ''), ''
FROM lore_item s, jsonb_array_elements(s.images) WITH ORDINALITY AS i(value, place)
ON CONFLICT (version_id, position) DO NOTHING
"""
CURRENT = """
UPDATE catalog_item i SET current_id = s.version_id, deleted_at = NULL FROM lore_item s
WHERE i.id = s.item_id AND (i.current_id IS DISTINCT FROM s.version_id OR i.deleted_at IS NOT NULL)
"""

# pairs --------------------------------------------------------------------------------------------------------
COPY_PAIRS = "COPY lore_pair (line, query_ref, item_ref, grade, dimension, picture, rater, seconds, content) FROM STDIN"
# One pass names everything a row speaks of; what is not there stays NULL.
FOUND = """
INSERT INTO lore_found
SELECT s.*, r.query_id, i.id, i.current_id, p.id FROM lore_pair s
LEFT JOIN lore_refs r ON r.ref = s.query_ref
LEFT JOIN catalog_item i ON i.corpus_id = %(corpus)s AND i.external_id = s.item_ref AND i.current_id IS NOT NULL
LEFT JOIN catalog_pair p ON p.query_id = r.query_id AND p.item_id = i.id
"""
UNKNOWN = """
DELETE FROM lore_found WHERE query_id IS NULL OR item_id IS NULL
RETURNING line, query_ref, item_ref, grade, query_id IS NULL
"""
PAIRS = """
WITH made AS (
    INSERT INTO catalog_pair (corpus_id, query_id, item_id)
    SELECT DISTINCT %(corpus)s::bigint, query_id, item_id FROM lore_found WHERE pair_id IS NULL
    ORDER BY 2, 3 ON CONFLICT (query_id, item_id) DO NOTHING RETURNING id, query_id, item_id
), named AS (
    UPDATE lore_found f SET pair_id = m.id FROM made m
    WHERE f.pair_id IS NULL AND f.query_id = m.query_id AND f.item_id = m.item_id RETURNING 1
)
SELECT (SELECT count(*) FROM made),
    (SELECT count(*) FROM lore_found WHERE pair_id IS NULL) - (SELECT count(*) FROM named)
"""
# Pairs that somebody else made between the two statements above.
PAIRS_OF_OTHERS = """
UPDATE lore_found f SET pair_id = p.id FROM catalog_pair p
WHERE f.pair_id IS NULL AND p.query_id = f.query_id AND p.item_id = f.item_id
"""
DOUBLE_PAIRS = """
WITH first AS (
    INSERT INTO lore_seen_pair SELECT pair_id, rater FROM lore_found ON CONFLICT DO NOTHING RETURNING pair_id, rater
), kept AS (
    SELECT min(f.line) AS line FROM lore_found f JOIN first USING (pair_id, rater) GROUP BY f.pair_id, f.rater
)
DELETE FROM lore_found f WHERE NOT EXISTS (SELECT 1 FROM kept WHERE kept.line = f.line)
RETURNING f.line, f.query_ref, f.item_ref, f.grade
"""
# What an import settles. It never replaces people's word, but is kept beneath it; the row count is that of verdicts
# written. (What was neither written nor stands as an import's is outranked: of a fresh import that is nothing.)
SETTLE = """
WITH given AS MATERIALIZED ({given}), written AS (
    INSERT INTO catalog_settledverdict AS v
        (pair_id, item_version_id, grade, dimension, source, method, picture_decided, blind, at)
    SELECT pair_id, version_id, grade, dimension, 'import', method, picture, blind, now() FROM given
    ON CONFLICT (pair_id) DO UPDATE SET item_version_id = excluded.item_version_id, grade = excluded.grade,
        dimension = excluded.dimension, method = excluded.method, picture_decided = excluded.picture_decided,
        blind = excluded.blind, at = excluded.at
    WHERE v.source = 'import' AND ({old}) IS DISTINCT FROM ({new})
    RETURNING pair_id
), beneath AS (
    INSERT INTO catalog_importedverdict
        (pair_id, item_version_id, grade, dimension, method, picture_decided, blind, at)
    SELECT pair_id, version_id, grade, dimension, method, picture, blind, now() FROM given
    WHERE NOT EXISTS (SELECT 1 FROM written WHERE written.pair_id = given.pair_id)
      AND NOT EXISTS (SELECT 1 FROM catalog_settledverdict v WHERE v.pair_id = given.pair_id AND v.source = 'import')
    ON CONFLICT (pair_id) DO UPDATE SET item_version_id = excluded.item_version_id, grade = excluded.grade,
        dimension = excluded.dimension, method = excluded.method, picture_decided = excluded.picture_decided,
        blind = excluded.blind, at = excluded.at
)
SELECT FROM written
"""


def settling(given: str, *, compared: str = "grade, dimension, picture_decided") -> str:
    """The statement that settles what `given` selects (pair_id, version_id, grade, dimension, method, picture, blind; a
    pair once); an import's own verdict is replaced where it differs in what is `compared`."""
    names = compared.split(", ")
    old, new = (", ".join(f"{side}.{name}" for name in names) for side in ("v", "excluded"))
    return SETTLE.format(given=given, old=old, new=new)


SETTLED = settling("""
    SELECT pair_id, version_id, grade, dimension, %(method)s AS method, picture, true AS blind
    FROM lore_found WHERE grade IS NOT NULL""")
RATINGS = """
INSERT INTO catalog_importedrating AS t
    (corpus_id, pair_id, item_version_id, rater_id, grade, dimension, picture_decided, seconds)
SELECT %(corpus)s, pair_id, version_id, rater, grade, dimension, picture, seconds FROM lore_found
ON CONFLICT (pair_id, rater_id) DO UPDATE SET item_version_id = excluded.item_version_id, grade = excluded.grade,
    dimension = excluded.dimension, picture_decided = excluded.picture_decided, seconds = excluded.seconds,
    taken_up = false
WHERE (t.grade, t.dimension, t.picture_decided)
    IS DISTINCT FROM (excluded.grade, excluded.dimension, excluded.picture_decided)
"""
RANKINGS = """
INSERT INTO catalog_importedranking (corpus_id, pair_id, item_version_id, rater_id, content, content_hash)
SELECT %(corpus)s, pair_id, version_id, rater, content, encode(sha256(convert_to(content::text, 'UTF8')), 'hex')
FROM lore_found
ON CONFLICT (pair_id, rater_id, content_hash) DO NOTHING
"""

# the whole corpus, at the end -----------------------------------------------------------------------------------
MAJORITY = settling("""
WITH counted AS (
    SELECT pair_id, grade, dimension, count(*) AS n, max(item_version_id) AS version_id,
        bool_or(picture_decided) AS picture, sum(count(*)) OVER (PARTITION BY pair_id, grade) AS of_grade
    FROM catalog_importedrating WHERE corpus_id = %(corpus)s GROUP BY pair_id, grade, dimension
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY pair_id ORDER BY of_grade DESC, n DESC, grade, dimension) AS place,
        sum(n) OVER (PARTITION BY pair_id) AS total FROM counted
)
SELECT pair_id, version_id, grade, dimension, 'majority of ' || total || ' raters' AS method, picture, true AS blind
FROM placed WHERE place = 1 AND of_grade * 2 > total""")
STRATA = """
WITH ranked AS (
    SELECT t.query_id, t.count, sum(t.count) OVER () AS total,
        sum(t.count) OVER (ORDER BY t.count DESC, t.query_id) - t.count AS before
    FROM catalog_traffic t JOIN catalog_query q ON q.id = t.query_id WHERE q.corpus_id = %(corpus)s
), named AS (
    SELECT query_id, CASE WHEN count = 0 THEN 'tail' WHEN before < 0.5 * total THEN 'head'
        WHEN before < 0.9 * total THEN 'torso' ELSE 'tail' END AS stratum FROM ranked
)
UPDATE catalog_traffic t SET stratum = n.stratum FROM named n WHERE n.query_id = t.query_id AND t.stratum <> n.stratum
"""
COUNTERS = """
INSERT INTO catalog_corpuscounter
    (corpus_id, queries, items, pairs, settled, pictures, pictures_remote, pictures_lost, counted_at)
SELECT %(corpus)s, (SELECT count(*) FROM catalog_query WHERE corpus_id = %(corpus)s),
    (SELECT count(*) FROM catalog_item WHERE corpus_id = %(corpus)s AND current_id IS NOT NULL),
    (SELECT count(*) FROM catalog_pair WHERE corpus_id = %(corpus)s),
    (SELECT count(*) FROM catalog_settledverdict v JOIN catalog_pair p ON p.id = v.pair_id
        WHERE p.corpus_id = %(corpus)s),
    m.stored, m.remote, m.lost, now()
FROM (SELECT count(*) FILTER (WHERE m.state = 'stored') AS stored, count(*) FILTER (WHERE m.state = 'remote') AS remote,
    count(*) FILTER (WHERE m.state IN ('failed', 'refused')) AS lost
    FROM catalog_itemimage m JOIN catalog_item i ON i.current_id = m.version_id WHERE i.corpus_id = %(corpus)s) m
ON CONFLICT (corpus_id) DO UPDATE SET queries = excluded.queries, items = excluded.items, pairs = excluded.pairs,
    settled = excluded.settled, pictures = excluded.pictures, pictures_remote = excluded.pictures_remote,
    pictures_lost = excluded.pictures_lost, counted_at = excluded.counted_at
"""
FACETS = """
UPDATE catalog_query q SET facets = s.content, lexicon_id = %(lexicon)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS s(id bigint, content jsonb) WHERE q.id = s.id
"""
