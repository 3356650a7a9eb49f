"""Event streams (server-sent events): logs that are followed while they grow."""
