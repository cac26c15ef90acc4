"""Events told to addresses outside: signed, tried again, at least once. Documented in docs/webhooks.md."""
