"""S3 for AWS's clients: REST and XML, path style, as `http://localhost:8000/BUCKET/KEY`."""
