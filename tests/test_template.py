"""Templates: what is allowed renders with blanks in the right place; everything else is refused when loaded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.template import compile_template


def test_values_defaults_and_blanks() -> None:
    template = compile_template(
        '{{ 称呼 }}，{{ 商品 | default("毛衣") }}我去问，{{ 时限 }}前回您{% if 洗过 %}，先别再洗{% endif %}。'
    )
    empty = template.render({}, {})
    assert empty.text == "亲，毛衣我去问，〔时限〕前回您。"
    assert [empty.text[start:end] for _, start, end in empty.blanks] == ["〔时限〕"]
    full = template.render({"称呼": "王姐", "商品": "大衣", "时限": "今天 18:00"}, {"洗过": True})
    assert full.text == "王姐，大衣我去问，今天 18:00前回您，先别再洗。"
    assert full.blanks == ()


@pytest.mark.parametrize(
    "source",
    [
        "{{ 称呼.__class__ }}", "{{ 称呼['a'] }}", "{{ 称呼() }}", "{{ 1 + 1 }}", "{{ 称呼 * 999999999 }}", "{{ 不存在 }}",
        "{% for a in 称呼 %}{% endfor %}", "{% set a = 1 %}", "{% macro a() %}{% endmacro %}", "{% include 'x' %}",
        "{{ 称呼 | upper }}", "{{ 称呼 | default(称呼) }}", "{{ 称呼 | default('a'*999) }}", "{{ 称呼", "{% if 责任 %}{% endif %}",
        "{% if 洗过 == 1 %}{% endif %}", "{{ cycler }}", "{{ self }}", "{% raw %}x", "{% raw %}x{% endraw %}", "{%- raw -%}{{ 1 }}{%+endraw%}",
        "{%\nraw %}x{% endraw %}", "前{# 备注 #}后", "{#", "字" * 1001, "看不见\u202e的",
        "{% if 洗过 %}" * 5 + "{% endif %}" * 5, "{{ 'a' }}", "{{ 称呼 if 洗过 }}", "{{ range(9) }}", "{{ 称呼 | default('a') | default('b') }}",
    ],
)  # fmt: skip
def test_anything_else_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        compile_template(source)


@given(st.text(alphabet=st.characters(), max_size=80))
def test_values_never_become_syntax(value: str) -> None:
    rendered = compile_template("前{{ 原因 }}后").render({"原因": value}, {})
    assert rendered.text.startswith("前")
    assert rendered.text.endswith("后")
    assert "\n" not in rendered.text
    assert all(rendered.text[start:end] == f"〔{name}〕" for name, start, end in rendered.blanks)


def test_a_value_that_looks_like_a_template_stays_text() -> None:
    assert compile_template("{{ 原因 }}").render({"原因": "{{ 7*7 }}"}, {}).text == "{{ 7*7 }}"
