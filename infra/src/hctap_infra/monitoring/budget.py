"""What the environment may cost in a month, and who hears of it before it does."""

from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_sns as sns
from constructs import Construct

from hctap_infra.environments import Environment

ACTUAL_PERCENT, FORECAST_PERCENT = 80, 100


def make_budget(scope: Construct, environment: Environment, topic: sns.Topic) -> budgets.CfnBudget:
    """A budget over all that bears the environment's tags."""
    subscribers = [budgets.CfnBudget.SubscriberProperty(subscription_type="SNS", address=topic.topic_arn)]
    return budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_name=environment.global_name_of("budget"),
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=environment.monitoring.budget_dollars, unit="USD"),
            cost_filters={"TagKeyValue": [f"user:Environment${environment.name}"]},
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=subscribers,
            )
            for kind, percent in (("ACTUAL", ACTUAL_PERCENT), ("FORECASTED", FORECAST_PERCENT))
        ],
    )
