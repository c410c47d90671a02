"""`redress retention` asks for the erasure of who has been kept as long as they may be (A-3)."""

from datetime import UTC, datetime, timedelta

from tests.adapters.cli.conftest import Beside


def test_who_left_long_ago_is_proposed_once(beside: Beside) -> None:
    service = beside.service
    body = {"id": "c0001", "name": "旧同事", "role": "agent", "team": "t1", "joined_on": "2015-01-01"}
    service.post("/api/v1/agents", body, who="admin")
    last_day = str(datetime.now(UTC).date() - timedelta(days=900))
    left = service.post("/api/v1/agents/c0001/departure", {"last_day": last_day}, who="admin")
    service.seen(left["position"])
    first = beside.redress("retention", "--json")
    assert first.code == 0
    assert "c0001" in [item["agent"] for item in first.document["items"]]
    asked = service.get("/api/v1/subjects/c0001", who="auditor")
    assert (asked["erasure"], asked["version"]) == ("requested", 1)
    [(head,)] = service.rows("SELECT max(notification_id) FROM log.events")
    assert service.get(f"/api/v1/subjects?min_position={head}", who="auditor").status == 200
    again = beside.redress("retention", "--json")
    assert "c0001" not in [item["agent"] for item in again.document["items"]]
    assert "旧同事" not in first.out
