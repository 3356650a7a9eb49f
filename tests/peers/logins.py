"""Log in, switch or log out, and print the stored tokens and the token that is sent."""

from __future__ import annotations

import json
import sys
from importlib import import_module

library, *steps = sys.argv[1:]
hub = import_module(library)
for step in steps:
    verb, _, what = step.partition(":")
    if verb == "login":
        hub.login(what)
    elif verb == "switch":
        hub.auth_switch(what)
    elif verb == "logout":
        hub.logout(what or None)
print(json.dumps(hub.get_token()))
