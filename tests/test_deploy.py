"""What a shop deploys with names settings, commands and paths that exist."""

from __future__ import annotations

import configparser
import re
import tomllib

import yaml

from app.__main__ import _MODULES
from app.config import Settings
from tests.conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def known_settings() -> set[str]:
    of_commands = {"HUASHU_CACHE"}  # app/nlu/cache.py
    return of_commands | {f"HUASHU_{name.upper()}" for name in Settings.model_fields}


def test_two_replicas_share_a_database_behind_a_proxy() -> None:
    services = COMPOSE["services"]
    assert services["app"]["deploy"]["replicas"] == 2
    assert "@database/" in services["app"]["environment"]["HUASHU_DATABASE_URL"]
    assert "ports" not in services["app"], "only the proxy can be reached"
    assert "reverse_proxy" in COMPOSE["configs"]["caddyfile"]["content"]
    named = {
        volume.partition(":")[0] for name in ("database", "proxy") for volume in services[name]["volumes"]
    }
    assert named == set(COMPOSE["volumes"])


def test_every_setting_exists() -> None:
    given = set(COMPOSE["services"]["app"]["environment"]) | set(re.findall(r"(HUASHU_\w+)=", DOCKERFILE))
    assert {name for name in given if name.startswith("HUASHU_")} <= known_settings()


def test_every_command_exists() -> None:
    commands = {name for names in _MODULES.values() for name in names}
    used = re.findall(r'CMD \["(\w+)"\]', DOCKERFILE)
    assert used == ["serve"]
    assert set(used) <= commands


def test_the_image_runs_as_nobody_in_particular_says_how_it_is_and_what_is_in_it() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "--uid 10001 " in last
    assert "\nUSER 10001\n" in last
    assert "/healthz" in last
    assert "/usr/share/huashu/huashu.cdx.json" in last
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.MULTILINE))
    assert set(re.findall(r"from=(\w+)", DOCKERFILE)) == stages
    assert all(":" in image for image in re.findall(r"^FROM (python\S*)", DOCKERFILE, flags=re.MULTILINE))


def test_the_image_takes_along_what_exists() -> None:
    for source in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, flags=re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name


INSTALL = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ELSEWHERE = ("sudo", "docker", "wsl", "systemctl", "journalctl", "HUASHU_DOMAIN")
"""Commands for systems that the tests do not have."""


def test_the_guide_says_which_commands_nobody_tried() -> None:
    for section in INSTALL.split("\n## ")[1:]:
        lines = [
            line
            for block in re.findall(r"^```\n(.*?)^```", section, re.M | re.S)
            for line in block.splitlines()
        ]
        if any(line.startswith(ELSEWHERE) for line in lines):
            assert "没有自动试过" in section, section[:20]


def test_the_guide_installs_what_there_is() -> None:
    extras = set(re.findall(r"(?:'\.|huashu)\[([a-z,]+)\]'", INSTALL))
    assert {extra for named in extras for extra in named.split(",")} <= set(PROJECT["optional-dependencies"])
    assert PROJECT["requires-python"] == ">=3.11"
    assert "Python 3.11 以上" in INSTALL
    for name in re.findall(r"\((\S+?\.md)(?:#\S+)?\)", INSTALL):
        assert (ROOT / "docs" / name).exists(), name
    assert set(re.findall(r"HUASHU_\w+", INSTALL)) - {"HUASHU_DOMAIN"} <= known_settings()


def test_the_unit_file_starts_the_service() -> None:
    [text] = re.findall(r"^```ini\n(.*?)^```", INSTALL, re.M | re.S)
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    assert set(unit) - {"DEFAULT"} == {"Unit", "Service", "Install"}
    service = unit["Service"]
    assert service["ExecStart"].startswith("/opt/huashu/.venv/bin/huashu serve ")
    assert service["ExecStart"].endswith(f" --data /var/lib/{service['StateDirectory']}")
    assert service["User"] == "huashu"
