"""What responses say of repositories, users and organizations."""
