import subprocess
import sys
from dataclasses import fields, replace
from datetime import UTC, datetime

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sketch import (
    SKETCH_MODULUS,
    content_digest,
    keeps_every,
    normalise,
    shingles,
    sketch,
    text_digest,
    word_count,
)
from storage.article import Article, Block, BlockKind
from storage.index.sketches import KEEPS_EVERY

TEXT = " ".join(f"word{number}" for number in range(400))
ARTICLE = Article(title="Ship sails", text=TEXT)


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    "same",
    [
        "the cat\u2019s  hat, 5.",
        "THE CAT'S HAT 5",
        "the\ncat\u00a0\u2018s hat \u2014 5",
        "the cat's h\uff41t \u2075",
    ],
)
def test_layout_case_punctuation_and_character_forms_make_no_other_text(same):
    assert text_digest(same) == text_digest("The cat's hat: 5")


def test_another_word_makes_another_text():
    assert text_digest("The cat sat") != text_digest("The cat sits")


def test_scripts_without_spaces_have_a_word_a_character():
    assert word_count("\u6771\u4eac\u30bf\u30ef\u30fc 2026") == 6
    assert len(shingles("\u6771\u4eac\u6771\u4eac\u6771\u4eac")) == 2


@given(st.lists(st.sampled_from("abcdefgh"), max_size=40))
def test_a_text_holds_each_piece_of_itself(words):
    piece = shingles(" ".join(words[3:20]))
    assert piece <= shingles(" ".join(words))


def test_a_text_of_fewer_words_than_a_shingle_has_none():
    assert shingles("one two three four") == frozenset()
    assert sketch("") == ()


def test_a_sketch_keeps_about_a_sixteenth_of_the_shingles_as_unsigned_64_bit_numbers():
    kept = sketch(" ".join(f"word{number}" for number in range(16_004)))
    assert 900 < len(kept) < 1100
    assert kept == tuple(sorted(set(kept)))
    assert all(0 <= value < 2**64 and value % 16 == 0 for value in kept)
    assert max(kept) > 2**63


@pytest.mark.parametrize(
    ("words", "every"), [(20, 2), (59, 2), (60, 4), (119, 4), (120, 8), (239, 8), (240, 16), (400, 16)]
)
def test_a_short_text_keeps_more_of_its_shingles_and_all_that_a_long_one_would(words, every):
    text = " ".join(TEXT.split()[:words])
    sketched = {(value >> 32, value % SKETCH_MODULUS) for value in sketch(text)}
    told = {(value >> 32, value % SKETCH_MODULUS) for value in shingles(text)}
    assert {one for one in told if one[1] == 0} <= sketched
    assert sketched == {one for one in told if one[1] % every == 0}


def test_a_sketch_tells_whether_two_texts_go_on_alike():
    def kept(before, after):
        words = TEXT.split()
        text = [*words[before : before + 20], *words[100:109], *words[after : after + 20]]
        return {value >> 32: value for value in sketch(" ".join(text))}

    one, copied, other = kept(0, 200), kept(30, 200), kept(60, 300)
    phrase = {value >> 32 for value in shingles(" ".join(TEXT.split()[100:109]))} & one.keys()
    assert phrase
    assert {one[hash_] for hash_ in phrase} == {copied[hash_] for hash_ in phrase}
    assert all(one[hash_] != other[hash_] for hash_ in phrase)


def test_the_index_knows_which_part_a_text_keeps():
    told = duckdb.sql(f"SELECT {KEEPS_EVERY.format('words')} FROM range(500) t(words) ORDER BY words")
    assert [row[0] for row in told.fetchall()] == [keeps_every(words) for words in range(500)]


def test_a_sketch_is_the_same_in_another_process():
    command = "from pipelines.sketch import sketch; print(sketch(' '.join(f'word{n}' for n in range(400))))"
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}
        told = subprocess.run(
            [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True
        )
        assert told.stdout.strip() == str(sketch(TEXT))


CHANGES = {
    "title": "Ship sinks",
    "text": TEXT + " more",
    "authors": ("Jane Roe",),
    "dateline": "ROTA, Spain",
    "published_at": datetime(2026, 11, 1, tzinfo=UTC),
    "origin_url": "https://www.defense.gov/x",
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_key_field_makes_another_version(name):
    assert content_digest(replace(ARTICLE, **{name: CHANGES[name]})) != content_digest(ARTICLE)


def test_what_stands_around_the_article_makes_no_other_version():
    around = {
        "modified_at": datetime(2026, 11, 1, tzinfo=UTC),
        "blocks": (Block(text="Read more", kind=BlockKind.RELATED, kept=False),),
        "section": "World",
        "declared_canonical": "https://a.example/",
    }
    assert set(around) <= {field.name for field in fields(Article)} - set(CHANGES)
    assert content_digest(replace(ARTICLE, **around)) == content_digest(ARTICLE)


def test_one_moment_in_two_zones_is_no_other_version():
    digests = {
        content_digest(replace(ARTICLE, published_at=datetime.fromisoformat(moment)))
        for moment in ("2026-11-01T12:00:00+00:00", "2026-11-01T07:00:00-05:00", "2026-11-01T12:00:00")
    }
    assert len(digests) == 1


def test_what_nobody_sees_in_a_text_makes_no_other_text():
    seen = "Die Wettervorhersage war gut."
    assert text_digest("Die Wetter\u00advorhersage war\u200b gut\u200d.") == text_digest(seen)


def test_a_vowel_sign_is_part_of_its_word():
    words = "\u0915\u093f\u0924\u093e\u092c \u0918\u0930"
    assert normalise(words) == words
    assert text_digest("\u0926\u093f\u0928") != text_digest("\u0926\u0940\u0928")
