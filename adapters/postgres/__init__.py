"""The log on PostgreSQL >= 15, core only; the SQL stands in `migrations/`, in the order of its numbers."""
