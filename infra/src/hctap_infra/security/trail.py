"""CloudTrail: who called which API of AWS, and who read or wrote which object of the lake."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from hctap_infra.data.buckets import Buckets
from hctap_infra.environments import Environment
from hctap_infra.monitoring.retention import retention_of

PREFIX = "trail"


def allow_trail(environment: Environment, buckets: Buckets) -> None:
    """Let the environment's trail write into the bucket of logs."""
    source = {"aws:SourceArn": _trail_arn(environment)}
    who = iam.ServicePrincipal("cloudtrail.amazonaws.com")
    buckets.logs.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[who],
            actions=["s3:GetBucketAcl"],
            resources=[buckets.logs.bucket_arn],
            conditions={"StringEquals": source},
        )
    )
    buckets.logs.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[who],
            actions=["s3:PutObject"],
            resources=[buckets.logs.arn_for_objects(f"{PREFIX}/AWSLogs/{Aws.ACCOUNT_ID}/*")],
            conditions={"StringEquals": source | {"s3:x-amz-acl": "bucket-owner-full-control"}},
        )
    )


def make_trail(scope: Construct, environment: Environment, buckets: Buckets, key: kms.Key) -> logs.LogGroup:
    """The trail; says the log group that alarms read."""
    group = logs.LogGroup(
        scope,
        "TrailLog",
        log_group_name=f"/trail/{environment.global_name_of('trail')}",
        encryption_key=key,
        retention=retention_of(environment.monitoring.log_days),
        removal_policy=RemovalPolicy.RETAIN,
    )
    role = iam.Role(scope, "TrailRole", assumed_by=iam.ServicePrincipal("cloudtrail.amazonaws.com"))
    iam.ManagedPolicy(
        scope,
        "TrailPolicy",
        roles=[role],
        statements=[
            iam.PolicyStatement(actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn])
        ],
    )
    cloudtrail.CfnTrail(
        scope,
        "Trail",
        trail_name=environment.global_name_of("trail"),
        is_logging=True,
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        s3_bucket_name=buckets.logs.bucket_name,
        s3_key_prefix=PREFIX,
        kms_key_id=key.key_arn,
        cloud_watch_logs_log_group_arn=group.log_group_arn,
        cloud_watch_logs_role_arn=role.role_arn,
        event_selectors=[
            cloudtrail.CfnTrail.EventSelectorProperty(
                include_management_events=True,
                read_write_type="All",
                data_resources=[
                    cloudtrail.CfnTrail.DataResourceProperty(
                        type="AWS::S3::Object", values=[f"{bucket.bucket_arn}/" for bucket in buckets.replicated]
                    )
                ],
            )
        ],
    )
    return group


def _trail_arn(environment: Environment) -> str:
    return f"arn:aws:cloudtrail:{environment.region}:{Aws.ACCOUNT_ID}:trail/{environment.global_name_of('trail')}"
