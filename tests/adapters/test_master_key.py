"""The master key and what is derived from it."""

import stat
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.ciphers import check_value, derive, fingerprint
from adapters.master_key import MasterKeyUnusable, WrongMasterKey, master_key

KEY = bytes(range(32))


def test_the_environment_comes_first(tmp_path: Path) -> None:
    assert master_key(tmp_path, {"REDRESS_MASTER_KEY": b64encode(KEY).decode()}) == KEY
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["x", b64encode(KEY[:31]).decode(), b64encode(KEY).decode() + "!", "é"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MasterKeyUnusable, match="REDRESS_MASTER_KEY is not a key"):
        master_key(tmp_path, {"REDRESS_MASTER_KEY": text})


def test_a_file_is_made_once_for_us_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    made = master_key(home, {})
    file = home / "master.key"
    assert (len(made), stat.S_IMODE(file.stat().st_mode)) == (32, 0o600)
    assert master_key(home, {}) == made
    assert list(home.iterdir()) == [file]


def test_all_who_come_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: master_key(tmp_path, {}), range(64)))) == 1


def test_a_spoilt_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("half")
    with pytest.raises(MasterKeyUnusable, match=r"master\.key is not a key"):
        master_key(tmp_path, {})
    assert (tmp_path / "master.key").read_text() == "half"


def test_none_is_made_where_there_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(WrongMasterKey, match="this database belongs to another master key"):
        master_key(tmp_path / "home", {}, make=False)
    assert not (tmp_path / "home").exists()
    made = master_key(tmp_path / "home", {})
    assert master_key(tmp_path / "home", {}, make=False) == made


def test_a_check_value_tells_keys_apart_and_is_none_of_the_keys() -> None:
    assert check_value(KEY) == check_value(KEY) != check_value(KEY[::-1])
    assert check_value(KEY) not in {KEY, derive(KEY, "check")}


def test_every_purpose_has_a_key_of_its_own() -> None:
    assert derive(KEY, "one") == derive(KEY, "one")
    assert len({derive(KEY, "one"), derive(KEY, "other"), derive(KEY[::-1], "one"), KEY}) == 4


def test_a_fingerprint_tells_parts_and_keys_apart() -> None:
    prints = {fingerprint(KEY, b"ab", b"c"), fingerprint(KEY, b"a", b"bc"), fingerprint(KEY, b"abc"), fingerprint(KEY)}
    assert len(prints) == 4
    assert fingerprint(KEY, b"x") == fingerprint(KEY, b"x") != fingerprint(KEY[::-1], b"x")
    assert len(fingerprint(KEY, b"x")) == 32
