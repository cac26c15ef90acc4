"""What pages and programs send with a file of judgments."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from annotation.formats import FORMATS


class JudgmentsImportForm(forms.Form):
    file = forms.FileField(label="File")
    topics = forms.FileField(required=False, label="Topics (qrels)")
    format = forms.ChoiceField(choices=[(found.code, found.title) for found in FORMATS.values()])
    source = forms.CharField(required=False, max_length=80, label="Who judged, where the file names nobody")
    dry_run = forms.BooleanField(required=False, label="Only say what would happen")


def judgments_import_form(
    values: Mapping[str, Any] | None = None, files: "MultiValueDict[str, UploadedFile[Any]] | None" = None
) -> JudgmentsImportForm:
    return JudgmentsImportForm(values, files)
