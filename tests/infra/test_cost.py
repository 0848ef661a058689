from pathlib import Path

import pytest
import yaml
from tests.infra.assemblies import Assembly

from hctap_core.errors import SettingsInvalid
from hctap_infra.cost.model import price_flags, price_template
from hctap_infra.cost.prices import read_prices
from hctap_infra.cost.report import render


def _sum(assembly: Assembly) -> float:
    return sum(line.dollars for line in price_template(assembly.templates, assembly.environment, read_prices()))


def test_everything_that_is_paid_by_the_hour_is_in_it(assembly: Assembly) -> None:
    priced = {line.resource for line in price_template(assembly.templates, assembly.environment, read_prices())}
    hourly = (
        "AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup", "AWS::EC2::NatGateway",
        "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::WAFv2::WebACL", "AWS::KMS::Key",
    )  # fmt: skip

    for kind in hourly:
        assert {one.name for one in assembly.resources(kind)} <= priced


def test_the_balancer_costs_its_hours(assemblies: dict[str, Assembly]) -> None:
    prices = read_prices()
    lines = price_template(assemblies["dev"].templates, assemblies["dev"].environment, prices)

    (hours,) = (line.dollars for line in lines if line.resource.startswith("Balancer") and line.what == "hours")
    assert hours == pytest.approx(0.0225 * 730)


def test_dev_is_cheap_and_prod_is_not(assemblies: dict[str, Assembly]) -> None:
    dev, staging, prod = (_sum(assemblies[name]) for name in ("dev", "staging", "prod"))

    assert dev < 65
    assert dev < staging < prod


def test_two_zones_cost_twice(assemblies: dict[str, Assembly]) -> None:
    prices = read_prices()
    lines = price_template(assemblies["prod"].templates, assemblies["prod"].environment, prices)
    databases = {line.resource: line.dollars for line in lines if "db.r6g.large" in line.what}

    assert sorted(databases.values()) == pytest.approx(
        [prices.a_month("db.r6g.large"), 2 * prices.a_month("db.r6g.large")]
    )


def test_a_flag_that_is_on_is_not_offered(assemblies: dict[str, Assembly]) -> None:
    prices = read_prices()
    offered = {name: [what for what, _ in price_flags(assemblies[name].environment, prices)] for name in assemblies}

    assert len(offered["dev"]) == 7
    assert offered["prod"] == []


def test_the_report_says_what_was_not_looked_up(assemblies: dict[str, Assembly]) -> None:
    dev, prices = assemblies["dev"], read_prices()
    text = "\n".join(render(dev.environment, prices, list(price_template(dev.templates, dev.environment, prices))))

    assert "in all; the budget warns at $25" in text
    guessed = {name for name, price in prices.prices.items() if price.read is None}
    assert f"Not looked up, as generally known: {', '.join(sorted(guessed))}." in text
    assert len(guessed) < len(prices.prices) / 4


def test_ones_own_prices_are_taken_and_nonsense_is_named(tmp_path: Path) -> None:
    table = yaml.safe_load((Path(__file__).parents[2] / "infra/src/hctap_infra/cost/prices.yaml").read_text())
    table["prices"]["key"]["dollars"] = 2.5
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(table))
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(table | {"hours": "many"}))

    assert read_prices(tmp_path / "own.yaml").of("key") == 2.5
    with pytest.raises(SettingsInvalid, match="hours"):
        read_prices(tmp_path / "bad.yaml")
    with pytest.raises(SettingsInvalid, match=r"has no 'db.x.huge'"):
        read_prices().of("db.x.huge")
