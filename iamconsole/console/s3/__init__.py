"""What the pages of S3 share: keys in addresses and words, a bucket's tabs, uploads, deletions."""
