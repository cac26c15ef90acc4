"""A person's notices for programs: hers alone, newest first, read one by one or all."""

from webapp.common.notifications import notification_send, notifications_unread

API = "/api/v1/corpora/shop/notices/"


def tell(corpus, person, *texts):
    return [
        notification_send(person=person, corpus=corpus, kind="mention", text=text, url="/") for text in texts
    ]


def test_notices_are_listed_and_read_by_their_owner_alone(corpus, people, client_for):
    rows = tell(corpus, people.annotator, "one", "two", "three")
    hers = client_for(people.annotator)
    assert [row["text"] for row in hers.get(API).json()["results"]] == ["three", "two", "one"]
    others = client_for(people.editor)
    assert others.get(API).json()["results"] == []
    assert others.post(API, {"id": rows[0].pk}).json() == {"read": 0}
    assert hers.post(API, {"id": rows[0].pk}).json() == {"read": 1}
    assert [row["read_at"] is None for row in hers.get(API).json()["results"]] == [True, True, False]
    assert hers.post(API).json() == {"read": 2} and notifications_unread(people.annotator) == 0
    assert client_for(people.outsider).get(API).status_code == 404
