"""The SQL by which verdicts on pages and choices between two pages leave in the house's own format.

A choice leaves once its campaign is closed. Where a page came from (its name) is told to admins alone, and to nobody
before that: an export is no way round the blinds of a campaign.
"""

CLOSED = "(j.slot_id IS NULL OR campaign.state IN ('closed', 'archived'))"

_SAID = {
    "pageverdict": "'kind', 'page_verdict', 'mark', j.mark, 'blind', j.blind",
    "pagepreference": "'kind', 'page_preference', 'preference', j.preference,"
    " 'left', CASE WHEN j.left_page_id = j.page_id THEN 'page' ELSE 'other_page' END",
}
_FIELDS = """'id', j.id, 'corpus', %(slug)s::text, 'query', query.text,
    'query_id', coalesce(nullif(query.external_id, ''), query.id::text), 'person', person.display_name,
    'person_email', person.email, 'person_kind', person.kind, 'release', release.number, 'comment', j.comment,
    'origin', j.origin, 'seconds', j.seconds, 'campaign', campaign.name, 'supersedes', j.supersedes_id, 'at', j.at"""
_FROM = """j JOIN catalog_page page ON page.id = j.page_id JOIN catalog_query query ON query.id = page.query_id
JOIN common_user person ON person.id = j.person_id JOIN rules_release release ON release.id = j.release_id
LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
LEFT JOIN annotation_campaign campaign ON campaign.id = slot.campaign_id
WHERE j.corpus_id = %(corpus)s AND (j.at, j.id) > (%(low_at)s, %(low_id)s) AND (j.at, j.id) <= (%(high_at)s, %(high_id)s)"""


def ready_sql(of: str) -> str:
    """The further condition on rows that may leave; `slot` is joined."""
    if of != "pagepreference":
        return ""
    return """AND (j.slot_id IS NULL OR EXISTS (SELECT 1 FROM annotation_campaign campaign
        WHERE campaign.id = slot.campaign_id AND campaign.state IN ('closed', 'archived')))"""


def page_sql(of: str, texts: str) -> str:
    """The statement for rows of `of` (pageverdict, pagepreference), with `{filters}` left to be filled."""
    pages = [f"'page', {_page('page_id', texts)}"]
    if of == "pagepreference":
        pages.append(f"'other_page', {_page('other_page_id', texts)}")
    fields = ", ".join([_SAID[of], *pages, _FIELDS])
    return (
        f"SELECT json_build_object({fields})::text FROM annotation_{of} {_FROM} {ready_sql(of)} {{filters}}"  # noqa: S608
        " ORDER BY j.at, j.id"
    )


def _page(column: str, texts: str) -> str:
    """A page as it was shown: its items in order, each with the version that stood there."""
    return f"""(SELECT json_build_object('id', shown.id, 'at', shown.created_at,
        'name', CASE WHEN %(named)s AND {CLOSED} THEN shown.name ELSE '' END,
        'items', (SELECT json_agg(json_build_object('docid', item.external_id, 'item_version', version.content_hash)
                ORDER BY entry.position)
            FROM catalog_pageentry entry JOIN catalog_pair pair ON pair.id = entry.pair_id
            JOIN catalog_item item ON item.id = pair.item_id
            JOIN catalog_itemversion version ON version.id = entry.item_version_id WHERE entry.page_id = shown.id))
        FROM catalog_page shown WHERE shown.id = j.{column}){texts}"""  # noqa: S608  (made of this module's own text)
