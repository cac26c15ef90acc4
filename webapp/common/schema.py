"""How the OpenAPI schema names operations and signs in: from the view's own name, so that no two are alike."""

import re

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class NamedSchema(AutoSchema):
    """`<room>_<view>_<method>`: CampaignsView.get of annotation is `annotation_campaigns_get`."""

    def get_operation_id(self) -> str:
        view = type(self.view)
        name = CAMEL.sub("_", view.__name__.removesuffix("View").removesuffix("API")).lower()
        return f"{view.__module__.split('.')[0]}_{name}_{self.method.lower()}"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being defined
    target_class = "webapp.common.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key made under Account: lore_..."}
