"""What the index holds and what a query asks of it."""

from projections.search import TEXT_MAX, WORD_MAX, Wanted, searchable, wanted


def test_chinese_is_indexed_by_pairs_and_latin_by_words() -> None:
    found = searchable(["退款太慢,Refund late", "王小明"], ["+86 138-1234-5678"])
    assert found.text == " 退款太慢 refund late\n 王小明\n 8613812345678\n $8765432183168"
    assert set(found.words.split()) == {
        "'退款'", "'款太'", "'太慢'", "'慢'", "'refund'", "'late'", "'王小'", "'小明'", "'明'", "'8613812345678'",
        "'$8765432183168'",
    }  # fmt: skip


def test_a_query_is_normalised_as_the_text_is() -> None:
    assert wanted("REFUND") == [[Wanted("'refund':*", " refund")]]
    assert wanted("退款太") == [[Wanted("'退款' & '款太'", "退款太")]]
    assert wanted("慢") == [[Wanted("'慢':*", "慢")]]
    assert wanted("退款 app") == [[Wanted("'退款'", "退款")], [Wanted("'app':*", " app")]]
    assert wanted("用app明")[0] == [Wanted("'用' & 'app' & '明':*", "用 app 明")]
    assert wanted("2026-000123")[0][0] == Wanted("'2026' & '000123':*", " 2026 000123")


def test_four_digits_or_more_may_be_the_end_of_a_number() -> None:
    assert wanted("5678") == [[Wanted("'5678':*", " 5678"), Wanted("'$8765':*", " $8765")]]
    assert wanted("138 1234 5678")[0][-1] == Wanted("'$87654321831':*", " $87654321831")
    assert len(wanted("567")[0]) == 1
    assert len(wanted("vip5678")[0]) == 1


def test_mere_signs_are_met_by_nothing() -> None:
    assert wanted("!? …") == [[]]
    assert wanted("退款 !") == wanted("退款")


def test_no_text_is_too_long_for_the_index() -> None:
    found = searchable(["".join(map(chr, range(0x4E00, 0x9FFF))) * 10, "x" * 5_000])
    assert len(found.text) == TEXT_MAX
    assert len(found.words.encode()) < 1 << 20
    assert searchable(["x" * 5_000]).words == f"'{'x' * WORD_MAX}'"
    assert wanted("x" * 5_000)[0][0].words == f"'{'x' * WORD_MAX}':*"


def test_traditional_and_simplified_characters_find_each_other() -> None:
    assert wanted("優惠") == wanted("优惠")
    assert searchable(["優惠沒有兌現"]) == searchable(["优惠没有兑现"])
