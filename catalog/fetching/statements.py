"""The fetch run's SQL. `remote`: pictures of items as they are now, whose address was not fetched yet."""

_OF_CORPUS = """FROM catalog_itemimage m JOIN catalog_item i ON i.current_id = m.version_id
WHERE i.corpus_id = %(corpus)s"""
TOTAL = f"SELECT count(DISTINCT m.url) {_OF_CORPUS} AND m.state = 'remote'"
NEXT = f"""
SELECT m.id, m.url {_OF_CORPUS} AND m.state = 'remote' AND m.id > %(after)s ORDER BY m.id LIMIT %(size)s
"""
# An item that changed has a new version with the same address: its picture is there already.
KNOWN = """
UPDATE catalog_itemimage m SET state = 'stored', blob_id = known.blob_id, reason = ''
FROM (SELECT DISTINCT ON (o.url) o.url, o.blob_id FROM catalog_itemimage o
    JOIN catalog_itemversion v ON v.id = o.version_id JOIN catalog_item i ON i.id = v.item_id
    WHERE i.corpus_id = %(corpus)s AND o.state = 'stored' AND o.url LIKE 'http%%' ORDER BY o.url, o.id DESC) known
WHERE m.state = 'remote' AND m.url = known.url
    AND m.version_id IN (SELECT current_id FROM catalog_item WHERE corpus_id = %(corpus)s)
"""
AGAIN = """
UPDATE catalog_itemimage SET state = 'remote', reason = '' WHERE state = 'failed'
    AND version_id IN (SELECT current_id FROM catalog_item WHERE corpus_id = %(corpus)s)
"""
RECORD = """
UPDATE catalog_itemimage SET state = %(state)s, blob_id = %(blob)s, reason = %(reason)s
WHERE state = 'remote' AND url = %(url)s
    AND version_id IN (SELECT current_id FROM catalog_item WHERE corpus_id = %(corpus)s)
"""
COUNTERS = """
UPDATE catalog_corpuscounter c SET pictures = n.stored, pictures_remote = n.remote, pictures_lost = n.lost,
    counted_at = now()
FROM (SELECT count(*) FILTER (WHERE m.state = 'stored') AS stored,
    count(*) FILTER (WHERE m.state = 'remote') AS remote,
    count(*) FILTER (WHERE m.state IN ('failed', 'refused')) AS lost
    FROM catalog_itemimage m JOIN catalog_item i ON i.current_id = m.version_id WHERE i.corpus_id = %(corpus)s) n
WHERE c.corpus_id = %(corpus)s
"""
