"""What the sandbox keeps."""

from iamconsole.sandbox.models.ec2 import Instance
from iamconsole.sandbox.models.s3 import Bucket, ObjectStore, Part, StoredObject, Upload
from iamconsole.sandbox.models.sns import Message, Topic

__all__ = [
    "Bucket",
    "Instance",
    "Message",
    "ObjectStore",
    "Part",
    "StoredObject",
    "Topic",
    "Upload",
]
