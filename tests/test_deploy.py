"""What a shop deploys with names settings, commands and paths that exist."""

from __future__ import annotations

import re

import yaml
from conftest import ROOT

from app.__main__ import _MODULES
from app.config import Settings

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def known_settings() -> set[str]:
    return {f"HUASHU_{name.upper()}" for name in Settings.model_fields}


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
    assert "\nUSER huashu\n" in last
    assert "/healthz" in last
    assert "/usr/share/huashu/huashu.cdx.json" in last
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.MULTILINE))
    assert set(re.findall(r"from=(\w+)", DOCKERFILE)) == stages
    assert all(":" in image for image in re.findall(r"^FROM (python\S*)", DOCKERFILE, flags=re.MULTILINE))


def test_the_image_takes_along_what_exists() -> None:
    for source in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, flags=re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name
