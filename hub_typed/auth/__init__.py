"""Authentication: token choice, stored tokens, login and logout, git credentials."""
