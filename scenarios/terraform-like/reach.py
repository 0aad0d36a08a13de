#!/usr/bin/python3
"""reach A [B …]: asks host A for B and so on; prints the names of the hosts that answered."""

import sys
import urllib.error
import urllib.request

first, *others = sys.argv[1:]
try:
    with urllib.request.urlopen(f"http://{first}:8080/{'/'.join(others)}", timeout=2) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
except (urllib.error.URLError, TimeoutError):
    sys.exit(f"{first} does not answer")
