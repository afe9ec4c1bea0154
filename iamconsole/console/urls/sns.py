"""Addresses of SNS. A topic is named by its Region and its name, like by its ARN."""

from django.urls import path

from iamconsole.console.views import sns, sns_policy

_TOPIC = "sns/topics/<str:region>/<str:topic>/"
urlpatterns = [
    path("sns/", sns.index, name="sns-topics"),
    path("sns/create-topic/", sns.create, name="sns-create-topic"),
    path(_TOPIC, sns.show, name="sns-topic"),
    path(f"{_TOPIC}news/", sns.news, name="sns-topic-news"),
    path(f"{_TOPIC}messages/<str:message>/", sns.message, name="sns-message"),
    path(f"{_TOPIC}policy/", sns_policy.show, name="sns-topic-policy"),
    path(f"{_TOPIC}policy/edit/", sns_policy.edit, name="sns-topic-edit-policy"),
    path(f"{_TOPIC}tags/", sns.tags, name="sns-topic-tags"),
    path(f"{_TOPIC}edit-tags/", sns.manage_tags, name="sns-topic-edit-tags"),
    path(f"{_TOPIC}publish/", sns.publish_message, name="sns-publish"),
    path(f"{_TOPIC}edit/", sns.edit, name="sns-topic-edit"),
    path(f"{_TOPIC}delete/", sns.delete, name="sns-topic-delete"),
]
