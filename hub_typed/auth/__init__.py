"""Authentication: choice of the token, stored tokens, login and logout, git credentials."""
