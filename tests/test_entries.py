"""Entries read from and written back into content files: the smallest change, comments and order kept."""

from __future__ import annotations

from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.entries import Catalogue, Ref, apply, etag, owner_of
from app.content.load import load
from app.content.splice import read, rewrite
from app.errors import InvalidRequest, NotFound
from tests.sample import FILES

SCRIPTS = """intent: shrinkage
# 提醒
guidance:
  do:
    - 先问洗法  # 最要紧
scripts:
  # ---- 倾听
  - id: shrinkage.listen.hear
    title: 先听   # 标题
    stage: listen
    bubbles:
      - '{{ 商品 }}小了。'
      - 您慢慢说。
    source: [002.5, practice]

  # ---- 确认
  - {id: shrinkage.confirm.photo, title: 拍照, bubbles: [请拍照。]}
"""
FILE = "scripts_zh/apparel/shrinkage.yaml"
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)
values = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


def changed_lines(before: str, after: str) -> list[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def catalogue() -> Catalogue:
    return Catalogue({FILE: SCRIPTS, "intents/apparel/shrinkage.yaml": "id: shrinkage\n"})


def test_changing_a_title_changes_one_line() -> None:
    ref = Ref("script", "shrinkage.listen.hear")
    data = {**catalogue().data(ref), "title": "听: 他说"}
    (text,) = catalogue().put(ref, data).values()
    assert changed_lines(SCRIPTS, text) == ["-    title: 先听   # 标题", "+    title: '听: 他说'   # 标题"]


def test_bubbles_are_added_and_removed_without_touching_the_rest() -> None:
    ref = Ref("script", "shrinkage.listen.hear")
    data = {**catalogue().data(ref), "bubbles": ["您慢慢说。", "我记着。"]}
    (text,) = catalogue().put(ref, data).values()
    assert changed_lines(SCRIPTS, text) == ["-      - '{{ 商品 }}小了。'", "+      - 我记着。"]


def test_removing_and_putting_back() -> None:
    ref = Ref("script", "shrinkage.confirm.photo")
    data = catalogue().data(ref)
    gone = catalogue().put(ref, None)
    assert Catalogue(gone).data(ref) is None
    assert "# ---- 确认" in gone[FILE]
    back = Catalogue({**catalogue().files, **gone}).put(ref, data)
    assert Catalogue(back).data(ref) == data


def test_new_entries_find_their_file() -> None:
    new = catalogue().put(Ref("script", "shrinkage.resolve.refund"), {"title": "退"}, at=0)
    assert read(new[FILE])["scripts"][0] == {"id": "shrinkage.resolve.refund", "title": "退"}
    assert list(catalogue().put(Ref("card", "common.mail"), {"title": "邮寄"}, "common")) == [
        "scripts_zh/common/cards/own.yaml"
    ]
    assert list(catalogue().put(Ref("intent", "lost"), {"id": "lost"}, "common")) == [
        "intents/common/lost.yaml"
    ]
    with pytest.raises(InvalidRequest):
        catalogue().put(Ref("script", "unknown.confirm.photo"), {"title": "退"})
    with pytest.raises(InvalidRequest):
        catalogue().put(Ref("intent", "../etc"), {"id": "x"}, "common")
    with pytest.raises(InvalidRequest):
        catalogue().put(Ref("intent", "lost"), {"id": "lost"}, "../..")
    with pytest.raises(NotFound):
        catalogue().put(Ref("text", "pyproject.toml"), "x")


def test_an_empty_file_goes() -> None:
    only = {"scripts_zh/common/cards/law.yaml": FILES["scripts_zh/common/cards/law.yaml"]}
    changes = Catalogue(only).put(Ref("card", "common.law"), None)
    assert apply(only, changes) == {}


def test_the_sample_shop_comes_apart_and_together() -> None:
    whole = Catalogue(FILES)
    kinds = {entry.ref.kind for entry in whole}
    assert kinds == {"intent", "script", "guide", "card", "rule", "text"}
    for entry in whole:
        if entry.ref.kind != "text":
            assert whole.put(entry.ref, entry.data) == {entry.file: FILES[entry.file]}
    assert len({entry.etag for entry in whole}) > 30
    assert etag(None) == ""


def test_a_line_belongs_to_an_entry() -> None:
    parsed = load({FILE: SCRIPTS}).parsed
    line = SCRIPTS.splitlines().index("      - 您慢慢说。") + 1
    assert owner_of(parsed, FILE, line) == (Ref("script", "shrinkage.listen.hear"), ("bubbles", 1))
    assert owner_of(parsed, FILE, 5) == (Ref("guide", "shrinkage"), ("guidance", "do", 0))


@given(st.dictionaries(words, values, max_size=4), st.dictionaries(words, values, max_size=4))
def test_rewriting_always_says_what_was_asked(before: dict[str, object], after: dict[str, object]) -> None:
    text = rewrite("a: b\n", before)
    assert read(text) == before
    assert read(rewrite(text, after)) == after
