"""What services outside ask an account's issuer of tokens for: public, whoever asks."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts import issued_tokens
from accounts.models import Account

#: Seconds for which an answer may be kept.
_KEPT = 300


@require_safe
def configuration(request: HttpRequest, issuer: UUID) -> HttpResponse:
    """The discovery document."""
    return _public(issued_tokens.configuration(issued_tokens.issuer_of(_account(issuer))))


@require_safe
def keys(request: HttpRequest, issuer: UUID) -> HttpResponse:
    """The keys that verify tokens."""
    _account(issuer)
    return _public(issued_tokens.public_keys())


def _account(issuer: UUID) -> Account:
    found = Account.objects.filter(token_issuer=str(issuer)).first()
    if found is None:
        raise Http404
    return found


def _public(told: dict[str, object]) -> HttpResponse:
    response = JsonResponse(told)
    patch_cache_control(response, public=True, max_age=_KEPT)
    return response
