"""Endpoints of this room: one class per operation, the same services as the pages."""
