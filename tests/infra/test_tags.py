from tests.infra.assemblies import Assembly

from hctap_infra.tagging import NAMES

# What CloudFormation gives no property for tags, or CDK no way to set it.
TAGLESS = (
    "AWS::ApplicationAutoScaling", "AWS::Backup::BackupSelection", "AWS::CDK::Metadata", "AWS::CloudWatch::Dashboard",
    "AWS::EC2::FlowLog", "AWS::EC2::NetworkAclEntry", "AWS::EC2::Route", "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCGatewayAttachment",
    "AWS::ECS::ClusterCapacityProviderAssociations", "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::IAM::ManagedPolicy", "AWS::KMS::Alias", "AWS::Lambda::Permission", "AWS::Logs::MetricFilter",
    "AWS::Route53::RecordSet",
    "AWS::S3::BucketPolicy", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::RotationSchedule", "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACLAssociation", "AWS::Config::ConfigRule", "AWS::Budgets::Budget",
)  # fmt: skip
OTHER_NAMES = {"AWS::Backup::BackupPlan": "BackupPlanTags", "AWS::Backup::BackupVault": "BackupVaultTags"}


def test_everything_that_can_bear_tags_bears_all_of_them(assembly: Assembly) -> None:
    bare = {}
    for resource in assembly.resources():
        if not resource.kind.startswith(TAGLESS):
            tags = resource.properties.get(OTHER_NAMES.get(resource.kind, "Tags"), [])
            names = set(tags) if isinstance(tags, dict) else {tag["Key"] for tag in tags}
            if not set(NAMES) <= names:
                bare[resource.name] = resource.kind

    assert not bare


def test_what_holds_notes_says_so(assembly: Assembly) -> None:
    classes = {
        resource.name: {tag["Key"]: tag["Value"] for tag in resource.properties["Tags"]}["DataClass"]
        for resource in assembly.resources()
        if resource.kind in {"AWS::S3::Bucket", "AWS::RDS::DBInstance"}
    }

    assert {name for name, value in classes.items() if value == "internal"} == {
        name for name in classes if "Logs" in name or "Artifacts" in name
    }
    assert set(classes.values()) == {"phi", "internal"}
