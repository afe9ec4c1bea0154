"""The settings of a test run: the project's, with a data directory that goes away with the run."""

import atexit
import os
import shutil
import tempfile

# Whatever the developer's shell sets for his own instance is no business of the tests. DATABASE_URL
# stays: by it the suite runs on PostgreSQL.
for _name in ("BASE_URL", "HOST", "PORT", "SANDBOX_MIB", "TRUSTED_PROXY", "WEB_CONCURRENCY"):
    os.environ.pop(_name, None)
_data_dir = tempfile.mkdtemp(prefix="iamconsole-test-")
atexit.register(shutil.rmtree, _data_dir, ignore_errors=True)
os.environ["DATA_DIR"] = _data_dir
# Playwright's synchronous interface runs an event loop in the test's thread, which makes Django
# refuse database calls there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from accounts.hashers import Argon2  # noqa: E402
from iamconsole.settings import *  # noqa: E402, F403
from iamconsole.settings import DATABASES  # noqa: E402

# The strength of the hash is tested on its own; everywhere else it would only cost time.
Argon2.memory_cost, Argon2.time_cost = 8, 1

if not os.environ.get("DATABASE_URL"):
    # A file, as in real life: in-memory databases have neither WAL nor the write queue.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_data_dir, "test.sqlite3")}
