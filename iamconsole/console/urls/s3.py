"""Addresses of S3. Folders and keys stand in the query: in a path, browsers would change some."""

from django.urls import path

from iamconsole.console.views import (
    s3_bucket,
    s3_bucket_policy,
    s3_buckets,
    s3_deletion,
    s3_object,
    s3_upload,
)

_BUCKET = "s3/buckets/<str:bucket>/"
urlpatterns = [
    path("s3/", s3_buckets.index, name="s3-buckets"),
    path("s3/create-bucket/", s3_buckets.create, name="s3-create-bucket"),
    path(_BUCKET, s3_bucket.show_objects, name="s3-bucket"),
    path(f"{_BUCKET}properties/", s3_bucket.show_properties, name="s3-bucket-properties"),
    path(f"{_BUCKET}permissions/", s3_bucket.show_permissions, name="s3-bucket-permissions"),
    path(f"{_BUCKET}edit-tags/", s3_bucket.edit_tags, name="s3-bucket-edit-tags"),
    path(f"{_BUCKET}edit-policy/", s3_bucket_policy.edit, name="s3-bucket-edit-policy"),
    path(f"{_BUCKET}delete-policy/", s3_bucket_policy.delete, name="s3-bucket-delete-policy"),
    path(f"{_BUCKET}block-public-access/", s3_bucket_policy.block, name="s3-bucket-block"),
    path(f"{_BUCKET}empty/", s3_deletion.empty, name="s3-empty-bucket"),
    path(f"{_BUCKET}delete/", s3_deletion.delete_bucket, name="s3-delete-bucket"),
    path(f"{_BUCKET}upload/", s3_upload.upload, name="s3-upload"),
    path(f"{_BUCKET}create-folder/", s3_upload.create_folder, name="s3-create-folder"),
    path(f"{_BUCKET}delete-objects/", s3_deletion.delete_objects, name="s3-delete-objects"),
    path(f"{_BUCKET}object/", s3_object.show, name="s3-object"),
    path(f"{_BUCKET}object/edit-tags/", s3_object.edit_tags, name="s3-object-edit-tags"),
    path(f"{_BUCKET}object/download/", s3_object.download, name="s3-download"),
]
