"""Where alarms go: a topic, and from there to e-mail, PagerDuty and Slack."""

from aws_cdk import Aws
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from hctap_infra.environments import Environment


def make_topic(scope: Construct, environment: Environment, key: kms.Key) -> sns.Topic:
    """The topic with the subscriptions that the environment names."""
    monitoring = environment.monitoring
    topic = sns.Topic(scope, "Topic", topic_name=environment.name_of("alarms"), master_key=key, enforce_ssl=True)
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"{one}.amazonaws.com") for one in ("cloudwatch", "budgets", "events")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    for email in monitoring.emails:
        topic.add_subscription(subscriptions.EmailSubscription(email))
    if monitoring.pagerduty_url:
        topic.add_subscription(subscriptions.UrlSubscription(monitoring.pagerduty_url))
    if monitoring.slack:
        chatbot.SlackChannelConfiguration(
            scope,
            "Slack",
            slack_channel_configuration_name=environment.global_name_of("alarms"),
            slack_workspace_id=monitoring.slack.workspace,
            slack_channel_id=monitoring.slack.channel,
            notification_topics=[topic],
        )
    return topic
