"""The search over everything: things of the account, pages, tasks, an access key's owner."""
