"""Loading and checking: every problem at once, with file and line, in Chinese."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from app.__main__ import main
from app.content.check import check
from app.content.coverage import cells, holes
from app.content.folder import unexpected, write_folder
from app.content.load import Loaded, load, read_folder
from app.content.packs import packs_of, restrict
from app.errors import UsageError

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 22)

GROUPS = "groups:\n  - {id: quality, name: 质量, stages: [confirm], tones: [亲切]}\n"
INTENT = "id: shrinkage\nname: 缩水\ngroup: quality\nkind: complaint\nexamples: [缩水了]\nheld_out: [a, b, c, d, e]\npatterns: [缩水]\n"
SCRIPTS = """intent: shrinkage
scripts:
  - id: shrinkage.confirm.photo
    title: 要照片
    stage: confirm
    tone: 亲切
    when: {签收天数: "<=7", 洗过: true}
    acts: [empathised, asked(照片)]
    bubbles: ["{{ 称呼 }}，麻烦拍张照片"]
    source: [002.5]
"""
GOOD = {
    "intents/_groups.yaml": GROUPS,
    "intents/apparel/shrinkage.yaml": INTENT,
    "scripts_zh/apparel/shrinkage.yaml": SCRIPTS,
}


def problems(**changed: str) -> list[str]:
    files = {**GOOD, **{name.replace("__", "/") + ".yaml": text for name, text in changed.items()}}
    return [str(problem) for problem in check(load(files), TODAY)]


def test_good_files_have_no_problems() -> None:
    loaded = load(GOOD)
    assert check(loaded, TODAY) == []
    assert loaded.content is not None
    script = loaded.content.scripts["shrinkage.confirm.photo"]
    assert script.source == ("002.5",)
    assert script.when["签收天数"].holds(7)
    assert not script.when["签收天数"].holds(8)
    assert script.when["洗过"].holds("是")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (SCRIPTS.replace("stage: confirm", "stage: sorry"), "scripts_zh/apparel/shrinkage.yaml:5 错误"),
        (SCRIPTS.replace("asked(照片)", "asked(星座)"), "没有「星座」"),
        (SCRIPTS.replace("签收天数", "收货天数"), "没有「收货天数」"),
        (SCRIPTS.replace("{{ 称呼 }}", "{{ 称呼.a }}"), "shrinkage.yaml:9 错误"),
        (SCRIPTS.replace("title: 要照片", "titel: 要照片"), "不认识"),
        (SCRIPTS.replace("title: 要照片\n", "title: 要照片\n    title: 又一个\n"), "写了两次"),
        (SCRIPTS.replace("bubbles:", "bubbles: &a") + "  - *a\n", "不能用 & 和 *"),
        (SCRIPTS.replace("intent: shrinkage", "intent: pilling"), "要和文件名"),
        (SCRIPTS + SCRIPTS[SCRIPTS.index("  - id") :], "重复"),
        (SCRIPTS.replace("麻烦拍张照片", "保证不会缩水"), "绝对化"),
        (SCRIPTS.replace("麻烦拍张照片", "加我微信处理"), "离开平台"),
        (SCRIPTS.replace("麻烦拍张照片", "给五星好评返现"), "换评价"),
        (SCRIPTS.replace("麻烦拍张照片", "这是您自己洗坏的"), "责怪"),
        (SCRIPTS.replace("麻烦拍张照片", "支持15天无理由"), "不一致"),
        (SCRIPTS.replace("麻烦拍张照片", "长" * 141), "请拆开"),
        (SCRIPTS.replace("    source", "    valid: {until: 2026-01-01}\n    source"), "过期"),
        ("scripts: [", "YAML 写法不对"),
        ("", "空"),
        ("\ufffd", "UTF-8"),
        ("- 1", "键: 值"),
    ],
)  # fmt: skip
def test_problems_are_named_with_their_line(text: str, complaint: str) -> None:
    assert any(complaint in problem for problem in problems(scripts_zh__apparel__shrinkage=text))


def test_all_problems_come_at_once() -> None:
    found = problems(
        intents__apparel__shrinkage=INTENT.replace("kind: complaint", "kind: odd").replace("name: 缩水", ""),
        scripts_zh__apparel__shrinkage=SCRIPTS.replace("tone: 亲切", "tone: 温柔"),
    )
    assert len(found) >= 3


@pytest.mark.parametrize("pattern", ["缩 …99 水", "<没有>", "…3 缩水", "a b c d e f g h i"])
def test_a_bad_pattern_is_refused_at_load(pattern: str) -> None:
    loaded = load({**GOOD, "intents/apparel/shrinkage.yaml": INTENT.replace("[缩水]", f'["{pattern}"]')})
    assert loaded.content is None
    assert loaded.errors[0].line == 7


def test_content_without_intents_is_no_release() -> None:
    assert [str(problem) for problem in load({}).errors] == ["intents 错误：一个意图也没有"]


def test_contradicting_and_repeated_examples() -> None:
    other = INTENT.replace("shrinkage", "pilling").replace("patterns: [缩水]", "")
    found = problems(intents__apparel__pilling=other)
    assert any("标的意图不一样" in problem for problem in found)


def test_the_digest_ignores_comments_and_layout() -> None:
    same = {**GOOD, "intents/apparel/shrinkage.yaml": "# 备注\n" + INTENT.replace("[缩水了]", "\n  - 缩水了")}
    first, second = load(GOOD).content, load(same).content
    assert first is not None
    assert second is not None
    assert first.digest == second.digest
    changed = load({**GOOD, "scripts_zh/apparel/shrinkage.yaml": SCRIPTS.replace("麻烦", "请")}).content
    assert changed is not None
    assert changed.digest != first.digest
    assert changed.nlu_digest == first.nlu_digest


def test_packs() -> None:
    content = load(GOOD).content
    assert content is not None
    assert "shrinkage" not in restrict(content, ["common"]).intents
    with pytest.raises(UsageError, match="没有这个内容包"):
        restrict(content, ["spaceship"])


def test_the_packs_of_files() -> None:
    assert packs_of([*GOOD, "scripts_zh/guard/x.yaml", "scripts_zh/retail/cards/x.yaml"]) == (
        "apparel",
        "common",
        "retail",
    )


def test_coverage_names_holes() -> None:
    content = load({**GOOD, "intents/_groups.yaml": GROUPS.replace("[亲切]", "[亲切, 正式]")}).content
    assert content is not None
    assert [(hole.intent, hole.tone) for hole in holes(cells(content))] == [("shrinkage", "正式")]


def test_the_shipped_content_is_right_and_complete(shipped: Loaded) -> None:
    assert [str(problem) for problem in check(shipped, TODAY) if problem.level == "error"] == []
    assert shipped.content is not None
    assert holes(cells(restrict(shipped.content, ["common", "apparel"]))) == []


@pytest.mark.parametrize("zone", ["Mars/X", "../../etc/passwd", "Asia", "/etc/localtime"])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    assert any("个时区" in problem for problem in problems(scripts_zh__shop=f"time_zone: {zone}\n"))
    others = f"name: 甲\nothers: [{{id: second, time_zone: {zone}}}]\n"
    found = problems(scripts_zh__shop=others)
    assert any("others 里的店铺：没有「" in problem for problem in found)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[\n" * 100_000,
        "[a: " * 50_000,
        '[ "]", ' * 50_000,
        "- " * 100_000,
        "? " * 100_000,
        "\n".join(" " * depth + "a:" for depth in range(1_300)),
        "\n".join("  " * depth + "- a:" for depth in range(40)),
        "{a: " * 14 + "1" + "}" * 14,
    ],
    ids=["flow", "lines", "pairs", "quoted", "block", "keys", "indent", "some", "flow mapping"],
)
def test_deep_nesting_is_refused_and_does_not_crash(text: str) -> None:
    found = [str(problem) for problem in load({**GOOD, "scripts_zh/apparel/x.yaml": text}).errors]
    assert len(found) == 1
    assert "层次太深" in found[0]


def test_wide_files_are_not_deep() -> None:
    wide = INTENT.replace("[缩水了]", "[" + ", ".join(f"{{text: 缩水{at}}}" for at in range(600)) + "]")
    assert load({**GOOD, "intents/apparel/shrinkage.yaml": wide}).errors == ()


def test_too_much_content_is_refused_and_not_even_read(tmp_path: Path) -> None:
    big = {f"intents/apparel/x{at}.yaml": "#" + "x" * 999_999 for at in range(21)}
    assert [str(problem) for problem in load(big).errors] == [
        ". 错误：内容太多，所有文件加起来最多 20000000 个字"
    ]
    (tmp_path / "intents").mkdir()
    with (tmp_path / "intents" / "x.yaml").open("wb") as file:
        file.truncate(100_000_000)
    assert len(read_folder(tmp_path)["intents/x.yaml"]) == 4_000_004


def test_an_intent_without_scripts_is_an_error() -> None:
    pilling = INTENT.replace("shrinkage", "pilling").replace("缩水", "起球")
    expected = "intents/apparel/pilling.yaml:1 错误：意图「起球」一条话术也没有"
    assert expected in problems(intents__apparel__pilling=pilling)
    also = SCRIPTS.replace("    source", "    also_for: [pilling]\n    source")
    assert expected not in problems(intents__apparel__pilling=pilling, scripts_zh__apparel__shrinkage=also)


def test_files_that_would_not_be_read_are_named(tmp_path: Path) -> None:
    write_folder(tmp_path, GOOD)
    (tmp_path / "intents" / "说明.md").write_text("a note")
    (tmp_path / "scripts_zh" / "apparel" / ".hidden.yml").write_text("")
    assert unexpected(tmp_path) == []
    assert unexpected(ROOT) == []
    for name in (
        "intents/apparel/a.yml",
        "intents/apparel/b.YAML",
        "intents/c.yaml",
        "scripts_zh/Lexicon.txt",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / "intents" / "apparel" / "d.yaml").mkdir()
    (tmp_path / "scripts_zh" / "e.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "scripts_zh" / "pipe")
    assert {problem.file: problem.text[:6] for problem in unexpected(tmp_path)} == {
        "intents/apparel/a.yml": "文件名要以小",
        "intents/apparel/b.YAML": "文件名要以小",
        "intents/apparel/d.yaml": "不是普通文件",
        "intents/c.yaml": "放错了地方，",
        "scripts_zh/Lexicon.txt": "放错了地方，",
        "scripts_zh/e.yaml": "不是普通文件",
        "scripts_zh/pipe": "不是普通文件",
    }


def test_check_and_publish_refuse_files_that_would_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_folder(tmp_path, GOOD)
    assert main(["check", str(tmp_path)]) == 0
    (tmp_path / "intents" / "apparel" / "a.yml").write_text("")
    assert main(["check", str(tmp_path)]) == 1
    assert "intents/apparel/a.yml 错误：文件名" in capsys.readouterr().out
    assert main(["publish", str(tmp_path), "--data", str(tmp_path / "data")]) == 2
    assert "intents/apparel/a.yml 错误：文件名" in capsys.readouterr().err
