from pathlib import Path

from tests.infra.assemblies import Assembly

from hctap_core.buckets import BUCKETS, find_bucket
from hctap_core.buckets import Environment as Stage
from hctap_infra.environments import NAMES, read_environment

ROOT = Path(__file__).parents[2]


def test_every_bucket_is_encrypted_closed_versioned_and_watched(assembly: Assembly) -> None:
    buckets = list(assembly.resources("AWS::S3::Bucket"))

    assert len(buckets) >= 5
    for bucket in buckets:
        is_log = "hc-tap-logs" in str(bucket.properties["BucketName"])
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        algorithm = rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"]
        assert algorithm == ("AES256" if is_log else "aws:kms")
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket.properties["VersioningConfiguration"]["Status"] == "Enabled"
        assert is_log or bucket.properties["LoggingConfiguration"]


def test_every_bucket_refuses_what_is_not_tls(assembly: Assembly) -> None:
    buckets = {one.name for one in assembly.resources("AWS::S3::Bucket")}
    closed = set()
    for policy in assembly.resources("AWS::S3::BucketPolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}:
                closed.add((policy.stack, policy.properties["Bucket"]["Ref"]))

    assert {name for _, name in closed} == buckets


def test_objects_age_as_the_environment_says(assembly: Assembly) -> None:
    expiry = {"dev": 30, "staging": 90, "prod": 365}[assembly.environment.name]
    (rule,) = assembly.one("AWS::S3::Bucket", "LakeEnriched").properties["LifecycleConfiguration"]["Rules"]

    assert rule["ExpirationInDays"] == expiry
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    moves = {move["StorageClass"]: move["TransitionInDays"] for move in rule.get("Transitions", [])}
    wanted = {"STANDARD_IA": 30, "GLACIER_IR": 90}
    assert moves == {kind: days for kind, days in wanted.items() if days < expiry}


def test_a_protected_environment_keeps_its_notes(assembly: Assembly) -> None:
    for template in assembly.templates.values():
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::S3::Bucket":
                assert resource["DeletionPolicy"] == ("Retain" if assembly.environment.is_protected else "Delete"), name


def test_prod_copies_notes_and_entities_to_another_region(assemblies: dict[str, Assembly]) -> None:
    prod = assemblies["prod"]
    copied = [one.name for one in prod.resources("AWS::S3::Bucket") if "ReplicationConfiguration" in one.properties]

    assert {name[:8] for name in copied} == {"LakeRaw8", "LakeEnri"}
    assert "hc-tap-prod-copies" in prod.templates


def test_copies_end_when_their_originals_do(assemblies: dict[str, Assembly]) -> None:
    prod = assemblies["prod"]
    for kind in ("Raw", "Enriched"):
        one, copy = (prod.one("AWS::S3::Bucket", f"{place}{kind}").properties for place in ("Lake", "Copies"))
        assert copy["LifecycleConfiguration"]["Rules"] == one["LifecycleConfiguration"]["Rules"]


def test_the_runbook_says_how_long_backups_keep_what_was_deleted() -> None:
    environments = [read_environment(name) for name in NAMES]
    table = (ROOT / "docs" / "runbooks" / "deletions.md").read_text(encoding="utf-8")
    days = ", ".join(str(one.database.backup_days) for one in environments)
    cached = ", ".join(str(one.cache.snapshot_days) if one.cache.is_on else "no cache" for one in environments)
    expiry = find_bucket("enriched").lifecycle.expires_after_days
    ends = [expiry[Stage(name)] for name in NAMES]

    assert table.count(f"| {days} days (") == 2
    assert f"| {cached} days (" in table
    assert f"({', '.join(map(str, ends))} days)" in table
    assert f"prod alone: {ends[-1]} days" in table


def test_the_database_is_encrypted_tls_alone_and_its_slow_queries_are_on_record(assembly: Assembly) -> None:
    instances = list(assembly.resources("AWS::RDS::DBInstance"))
    settings = assembly.environment.database

    assert len(instances) == 1 + settings.replicas
    for instance in instances:
        is_replica = "SourceDBInstanceIdentifier" in instance.properties
        assert is_replica or instance.properties["StorageEncrypted"] is True
        assert instance.properties["KmsKeyId"]
        assert instance.properties["EnableCloudwatchLogsExports"] == ["postgresql", "upgrade"]
        assert instance.properties["DeletionProtection"] is assembly.environment.is_protected
    parameters = assembly.one("AWS::RDS::DBParameterGroup").properties["Parameters"]
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["log_min_duration_statement"] == "500"
    # A statement's values may be parts of notes.
    assert parameters["log_parameter_max_length"] == "0"
    primary = assembly.one("AWS::RDS::DBInstance", "Database").properties
    assert primary["BackupRetentionPeriod"] == settings.backup_days
    assert primary["DBInstanceClass"] == f"db.{settings.instance}"
    assert primary["Engine"] == "postgres"
    assert str(primary["EngineVersion"]).startswith("17.")


def test_the_cache_speaks_tls_with_a_token_and_prod_fails_over(assemblies: dict[str, Assembly]) -> None:
    assert not list(assemblies["dev"].resources("AWS::ElastiCache"))
    for name in ("staging", "prod"):
        cache = assemblies[name].one("AWS::ElastiCache::ReplicationGroup").properties
        assert cache["AtRestEncryptionEnabled"] is True
        assert cache["TransitEncryptionEnabled"] is True
        assert "{{resolve:secretsmanager:" in str(cache["AuthToken"])
        assert cache["AutomaticFailoverEnabled"] is True


def test_images_are_scanned_fixed_and_few(assembly: Assembly) -> None:
    repositories = list(assembly.resources("AWS::ECR::Repository"))

    assert len(repositories) == 3
    for repository in repositories:
        assert repository.properties["ImageScanningConfiguration"]["ScanOnPush"] is True
        assert repository.properties["ImageTagMutability"] == "IMMUTABLE"
        assert repository.properties["EncryptionConfiguration"]["EncryptionType"] == "KMS"
        assert "countNumber" in repository.properties["LifecyclePolicy"]["LifecyclePolicyText"]


def test_keys_are_rotated_and_one_for_each_class_of_data(assembly: Assembly) -> None:
    keys = [one for one in assembly.resources("AWS::KMS::Key") if one.stack.endswith("foundation")]

    assert {key.properties["EnableKeyRotation"] for key in keys} == {True}
    classes = {tag["Value"] for key in keys for tag in key.properties["Tags"] if tag["Key"] == "DataClass"}
    assert classes == {"phi", "confidential", "internal"}


def test_backups_are_kept_as_long_as_the_environment_says(assembly: Assembly) -> None:
    (rule,) = assembly.one("AWS::Backup::BackupPlan").properties["BackupPlan"]["BackupPlanRule"]
    vault = assembly.one("AWS::Backup::BackupVault", "BackupsVault")

    assert rule["Lifecycle"]["DeleteAfterDays"] == assembly.environment.database.backup_days
    assert vault.properties["EncryptionKeyArn"]
    copies = rule.get("CopyActions", [])
    assert len(copies) == (1 if assembly.environment.backups.copy_to else 0)
    assert "us-west-2" in str(copies) or not copies


def test_no_password_stands_in_a_template(assembly: Assembly) -> None:
    for secret in assembly.resources("AWS::SecretsManager::Secret"):
        if secret.kind == "AWS::SecretsManager::Secret":
            assert "SecretString" not in secret.properties
            assert secret.properties["KmsKeyId"]
    database = assembly.one("AWS::RDS::DBInstance", "Database")
    assert "{{resolve:secretsmanager:" in str(database.properties["MasterUserPassword"])


def test_buckets_are_those_that_the_shared_description_names(assembly: Assembly) -> None:
    made = {
        one.name.removeprefix("Lake"): one.properties
        for one in assembly.resources("AWS::S3::Bucket")
        if one.name.startswith("Lake")
    }

    assert len(made) == len(BUCKETS)
    for described in BUCKETS:
        (properties,) = (made[name] for name in made if name.startswith(described.role.title()))
        notifies = properties.get("NotificationConfiguration", {}).get("EventBridgeConfiguration")
        assert f"{described.name}-" in str(properties["BucketName"])
        assert bool(notifies) is described.notifies_eventbridge
        assert ("CorsConfiguration" in properties) is bool(described.cors and assembly.environment.edge.domain)
