"""The same environment in two regions of one account: what an account has once bears the region's name."""

from typing import Any

from tests.infra.assemblies import Assembly

from hctap_infra.environments import read_environment

# Of these an account has one by a name, wherever it was made; buckets have one in the world.
ONCE = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::Budgets::Budget": "BudgetName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Chatbot::SlackChannelConfiguration": "ConfigurationName",
}


def _names(assembly: Assembly) -> set[str]:
    def named(kind: str, properties: dict[str, Any]) -> Any:
        holder = properties.get("Budget", properties)
        return holder.get(ONCE[kind])

    found = (named(one.kind, one.properties) for one in assembly.resources() if one.kind in ONCE)
    return {str(name) for name in found if name}


def test_two_regions_share_no_name_that_an_account_has_once(flagged: Assembly, assemblies: dict[str, Assembly]) -> None:
    here, there = _names(assemblies["staging"]), _names(flagged)

    assert len(here) > 12
    assert not here & there


def test_nothing_of_one_region_points_to_the_other(flagged: Assembly) -> None:
    # AWS says charges in us-east-1 alone, so the page that shows them asks there.
    elsewhere = [
        one.name
        for one in flagged.resources()
        if "us-east-1" in str(one.properties) and one.kind != "AWS::CloudWatch::Dashboard"
    ]

    assert not elsewhere


def test_an_environments_own_buckets_are_not_those_of_its_copies(cdk_context: dict[str, Any]) -> None:
    from hctap_infra.data.buckets import bucket_name
    from hctap_infra.data.replication import copy_name

    at_home, there = read_environment("prod"), read_environment("prod", region="us-west-2")
    for role in ("raw", "enriched", "logs"):
        assert copy_name(at_home, role).endswith("-us-west-2")
        assert copy_name(at_home, role) != bucket_name(there, role)
    assert cdk_context
