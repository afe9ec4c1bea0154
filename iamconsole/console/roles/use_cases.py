"""The services that a role can be made for, with what each of them does with it."""

from __future__ import annotations

from dataclasses import dataclass

EC2 = "ec2.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"


@dataclass(frozen=True, slots=True)
class UseCase:
    """What a service does with a role: the console's label, and the principal to be trusted."""

    label: str
    principal: str


#: AWS service principals: each service's page on its roles in its own user guide. The two that the
#: console calls commonly used come first.
USE_CASES = tuple(
    UseCase(label, f"{name}.amazonaws.com")
    for label, name in (
        ("EC2", "ec2"),
        ("Lambda", "lambda"),
        ("API Gateway", "apigateway"),
        ("Application Auto Scaling", "application-autoscaling"),
        ("AppSync", "appsync"),
        ("Athena", "athena"),
        ("AWS Backup", "backup"),
        ("Batch", "batch"),
        ("Bedrock", "bedrock"),
        ("CloudFormation", "cloudformation"),
        ("CloudTrail", "cloudtrail"),
        ("CloudWatch Events", "events"),
        ("CodeBuild", "codebuild"),
        ("CodeDeploy", "codedeploy"),
        ("CodePipeline", "codepipeline"),
        ("Config", "config"),
        ("Data Lifecycle Manager", "dlm"),
        ("DataSync", "datasync"),
        ("Directory Service", "ds"),
        ("EC2 - Spot Fleet Tagging", "spotfleet"),
        ("EKS - Cluster", "eks"),
        ("EKS - Pod Identity", "pods.eks"),
        ("EKS - Fargate pod", "eks-fargate-pods"),
        ("Elastic Beanstalk", "elasticbeanstalk"),
        ("Elastic Container Service", "ecs"),
        ("Elastic Container Service Task", "ecs-tasks"),
        ("EMR", "elasticmapreduce"),
        ("EventBridge Pipes", "pipes"),
        ("EventBridge Scheduler", "scheduler"),
        ("Firehose", "firehose"),
        ("Glue", "glue"),
        ("IoT", "iot"),
        ("RDS", "rds"),
        ("RDS - Enhanced Monitoring", "monitoring.rds"),
        ("Redshift", "redshift"),
        ("S3", "s3"),
        ("S3 Batch Operations", "batchoperations.s3"),
        ("SageMaker", "sagemaker"),
        ("SNS", "sns"),
        ("Step Functions", "states"),
        ("Storage Gateway", "storagegateway"),
        ("Systems Manager", "ssm"),
        ("Transfer", "transfer"),
        ("VPC - Flow logs", "vpc-flow-logs"),
    )
)

_BY_WORDS = {words.casefold(): each for each in USE_CASES for words in (each.label, each.principal)}


def use_case(words: str) -> UseCase | None:
    """The use case of that label or principal, in any case."""
    return _BY_WORDS.get(words.strip().casefold())
