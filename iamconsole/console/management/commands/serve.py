"""serve: bring the installation up to date and serve it, in this one process."""

from __future__ import annotations

import gc
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections
from django.urls import get_resolver
from django.utils import timezone
from gunicorn.app.base import BaseApplication

from accounts import demo, events, instance, throttle
from iamconsole import wsgi
from iamconsole.sandbox import sweeping
from iamconsole.worker import Worker

#: Threads of a worker. Few are needed: what waits is the database, and it takes turns anyway.
THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with the settings of this project."""

    def load_config(self) -> None:
        """Bind, fork, and leave proxies to the front door."""
        environment = settings.ENVIRONMENT
        host = f"[{environment.host}]" if ":" in environment.host else environment.host
        chosen = {
            "bind": [f"{host}:{environment.port}"],
            "workers": environment.workers,
            "worker_class": Worker,
            "threads": THREADS,
            "preload_app": True,
            "control_socket_disable": True,
            # A class signs in at once: let it queue rather than refuse it.
            "backlog": 2048,
            "timeout": 60,
            "keepalive": 5,
            # The front door decides whom to believe; gunicorn believes nobody.
            "forwarded_allow_ips": "",
            "limit_request_line": 8190,
            "loglevel": "warning",
            "proc_name": "iamconsole",
            "post_worker_init": _begin_work,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application; loaded once, before the workers fork."""
        # Every view, form and template tag, so that the workers share them and none is slow once.
        get_resolver().check()
        # A connection must not cross a fork.
        connections.close_all()
        # What is there now stays for good: collecting garbage would only copy it to each worker.
        gc.collect()
        gc.freeze()
        return wsgi.application


def _begin_work(_worker: Any) -> None:
    """What every worker does beside answering. Threads don't survive a fork: so only now."""
    events.spool_reads()
    sweeping.sweep_regularly()


class Command(BaseCommand):
    """Migrate, make the demo account on the first start, and serve."""

    help = "Bring the installation up to date and serve it at BASE_URL."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, say where it is, become the server."""
        try:
            instance.prepare()
        except (ImproperlyConfigured, OperationalError) as error:
            raise CommandError(str(error)) from None
        throttle.prune(timezone.now())
        call_command("clearsessions")
        if instance.is_untouched():
            self._introduce(demo.create())
        self.stdout.write(f"{settings.PRODUCT_NAME} is at {settings.BASE_URL}  (Ctrl+C stops it)")
        self.stdout.flush()
        Server().run()

    def _introduce(self, made: demo.Demo) -> None:
        """Print what can be seen once only: the passwords of the demo account."""
        account = made.account
        lines = [
            "",
            f"Demo account: {account.name}, {account.grouped_id}. Passwords are shown this once.",
            "",
            f"  root user   {account.root_email:22} {made.root_password}",
            f"              {settings.BASE_URL}/session/root/",
        ]
        roles = {member: group for group, _, members in demo.GROUPS for member in members}
        for name, password in made.passwords.items():
            role = roles.get(name, "must choose a new password at the first sign-in")
            lines.append(f"  IAM user    {name:22} {password}  {role}")
        lines += [f"              {instance.signin_url(account.signin_name)}", ""]
        self.stdout.write("\n".join(lines))
