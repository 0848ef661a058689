"""A repository of images for each program."""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_kms as kms
from constructs import Construct

from hctap_infra.environments import Environment

IMAGES = ("api", "dashboard", "etl")


def make_registries(scope: Construct, environment: Environment, key: kms.Key) -> Mapping[str, ecr.Repository]:
    """The repositories by image: tags never move, every push is scanned, old images go."""
    return {image: _make_registry(scope, environment, image, key) for image in IMAGES}


def _make_registry(scope: Construct, environment: Environment, image: str, key: kms.Key) -> ecr.Repository:
    return ecr.Repository(
        scope,
        f"{image.title()}Images",
        repository_name=f"{environment.project}-{environment.name}/{image}",
        image_scan_on_push=True,
        image_tag_mutability=ecr.TagMutability.IMMUTABLE,
        encryption=ecr.RepositoryEncryption.KMS,
        encryption_key=key,
        lifecycle_rules=[
            ecr.LifecycleRule(
                description="layers that no tag names",
                tag_status=ecr.TagStatus.UNTAGGED,
                max_image_age=Duration.days(1),
            ),
            ecr.LifecycleRule(description="the newest are kept", max_image_count=environment.images.kept),
        ],
        removal_policy=RemovalPolicy.RETAIN if environment.is_protected else RemovalPolicy.DESTROY,
        empty_on_delete=not environment.is_protected,
    )
