"""Keys for programs: `Authorization: Bearer lore_...`."""

import hashlib

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from webapp.common.models import ApiKey, User


def key_digest(secret: str) -> str:
    """Keys carry 256 random bits, so a plain digest is enough: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        parts = get_authorization_header(request).split()
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            return None
        key = (
            ApiKey.objects.select_related("user")
            .filter(key_hash=key_digest(parts[1].decode("latin-1")), revoked_at=None, user__is_active=True)
            .first()
        )
        if key is None:
            raise AuthenticationFailed("This key is unknown or was revoked.")
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now())
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
