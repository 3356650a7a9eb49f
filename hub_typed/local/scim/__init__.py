"""SCIM 2.0: users and groups that identity providers provision in organizations."""
