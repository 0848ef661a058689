from pathlib import Path

import pytest

from hctap_core.errors import SettingsInvalid
from hctap_infra.environments import NAMES, read_environment


@pytest.mark.parametrize("name", NAMES)
def test_every_environment_makes_sense_without_ones_own_file(name: str) -> None:
    environment = read_environment(name)

    assert environment.edge.domain is None
    assert not environment.edge.is_public


def test_networks_do_not_overlap() -> None:
    networks = [read_environment(name).network.cidr for name in NAMES]

    assert not any(one.overlaps(other) for one in networks for other in networks if one is not other)


def test_ones_own_file_lies_over_key_by_key(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("shared: {owner: me}\nprod: {monitoring: {budget_dollars: 900}}\n")

    environment = read_environment("prod", own)

    assert (environment.owner, environment.monitoring.budget_dollars) == ("me", 900)
    assert environment.monitoring.log_days == 90


def test_a_region_may_be_given() -> None:
    assert read_environment("prod", region="eu-central-1").region == "eu-central-1"


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("dev: {edge: {allow: [0.0.0.0/0]}}", "no PHI over plain HTTP"),
        ("dev: {edge: {domain: a.example.org}}", "hosted_zone or a certificate_arn"),
        ("dev: {edges: {}}", "edges"),
        (
            "dev: {edge: {domain: a.b, certificate_arn: c, has_distribution: true}}",
            "has_distribution needs has_firewall",
        ),
        ("dev: {network: {zones: 9}}", "network.zones"),
    ],
)
def test_nonsense_is_named(tmp_path: Path, own: str, said: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(own)

    with pytest.raises(SettingsInvalid, match=said):
        read_environment("dev", path)


def test_where_the_copies_lie_nothing_is_copied_to_the_same_place() -> None:
    at_home, there = read_environment("prod"), read_environment("prod", region="us-west-2")

    assert (at_home.lake.replicate_to, at_home.backups.copy_to) == ("us-west-2", "us-west-2")
    assert (there.lake.replicate_to, there.backups.copy_to) == (None, None)


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="no environment 'test'"):
        read_environment("test")
