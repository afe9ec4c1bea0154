"""Addresses of EC2. An instance is named by its Region and its id, like by its ARN."""

from django.urls import path

from iamconsole.console.views import ec2, ec2_role

_INSTANCE = "ec2/instances/<str:region>/<str:instance_id>/"
urlpatterns = [
    path("ec2/", ec2.index, name="ec2-instances"),
    path("ec2/launch-instance/", ec2.launch, name="ec2-launch-instance"),
    path("ec2/change-instances/", ec2.change, name="ec2-change-instances"),
    path(_INSTANCE, ec2.show, name="ec2-instance"),
    path(f"{_INSTANCE}security/", ec2_role.security, name="ec2-instance-security"),
    path(f"{_INSTANCE}edit-role/", ec2_role.edit_role, name="ec2-instance-edit-role"),
    path(f"{_INSTANCE}metadata/", ec2_role.metadata, name="ec2-instance-metadata"),
    path(f"{_INSTANCE}edit-metadata/", ec2_role.edit_metadata, name="ec2-instance-edit-metadata"),
    path(f"{_INSTANCE}run-as/", ec2_role.become, name="ec2-instance-run-as"),
    path(f"{_INSTANCE}tags/", ec2.tags, name="ec2-instance-tags"),
    path(f"{_INSTANCE}edit-tags/", ec2.manage_tags, name="ec2-instance-edit-tags"),
]
