"""How the API reads the body of a request."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from webapp.common.documents import document_fault


class DocumentParser(JSONParser):
    """JSON; a body that nothing behind it could keep or walk through is refused with the reason (400)."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            document = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        if fault := document_fault(document):
            raise ParseError(f"The JSON is not taken. {fault}")
        return document
