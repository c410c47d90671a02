"""C-13: forbidden phrases are found however they are written, and only where they stand."""

import pytest

from application.phrases import phrases, shipped

SHIPPED = shipped()


def found(text: str) -> list[tuple[str, int]]:
    return [(hit.phrase, hit.at) for hit in SHIPPED.hits("/words", text)]


@pytest.mark.parametrize(
    ("text", "phrase", "at"),
    [
        ("我不知道", "我不知道", 0),
        ("您好,我 不 知　道。", "我不知道", 3),
        ("这是规定,沒辦法", "没办法", 5),
        ("這不關我事啊", "不关我事", 1),
        ("這不需要你來說,我知道", "这不需要你来说,我知道", 0),
        ("妳錯了", "你错了", 0),
        ("我不淸楚", "我不清楚", 0),
        ("Ｉ　Ｄｏｎ＇ｔ know", "I don't know", 0),
        ("Sorry, i DON'T  know.", "I don't know", 7),
        ("I don\N{RIGHT SINGLE QUOTATION MARK}t know", "I don't know", 0),
    ],
)
def test_a_phrase_is_found_through_spaces_full_width_and_traditional_forms(text: str, phrase: str, at: int) -> None:
    assert (phrase, at) in found(text)


@pytest.mark.parametrize("text", ["我知道了", "There is nothing I candid would add", "you are wronged", ""])
def test_what_only_looks_like_a_phrase_is_none(text: str) -> None:
    assert found(text) == []


def test_every_place_is_named_in_order() -> None:
    assert found("没办法,我不清楚,没办法") == [("没办法", 0), ("我不清楚", 4), ("没办法", 9)]


def test_a_list_is_its_lines() -> None:
    own = phrases(["  不行 ", "", "never mind"])
    assert [hit.phrase for hit in own.hits("/x", "不 行, Never  mind!")] == ["不行", "never mind"]


@pytest.mark.parametrize(
    "phrase",
    [
        "绝对不可能发生这种事情",
        "肯定不行",
        "我不知道",
        "我不清楚",
        "这不是我的问题",
        "不关我事",
        "你可以投诉呀",
        "这不需要你来说,我知道",
        "你错了",
        "公司规定就是这样的",
        "没办法",
    ],
)
def test_the_rulebooks_phrases_are_all_on_the_list(phrase: str) -> None:
    assert phrase in [hit for hit, _ in found(phrase)]
