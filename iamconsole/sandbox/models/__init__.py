"""What the sandbox keeps."""

from iamconsole.sandbox.models.ec2 import Instance
from iamconsole.sandbox.models.s3 import Bucket, Part, StoredObject, Upload
from iamconsole.sandbox.models.sns import Message, Topic

__all__ = ["Bucket", "Instance", "Message", "Part", "StoredObject", "Topic", "Upload"]
