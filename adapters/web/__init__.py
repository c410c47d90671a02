"""The console: pages for people. It asks the API, in this process, as its visitor; no rule and no query stands here."""
