"""A client of an EC2 API. Arguments: its URL and the region.

Reads calls as lines of JSON, {"method", "arguments"} or {"pages", "arguments"}, and answers each with a
line: {"answer"}, {"code", "message", "status"} of boto3's ClientError, or {"failure"} when boto3 itself
cannot send the call or read the answer; "ms" is what it took. A method
may also have the name of its action.
"""

import datetime
import json
import sys
import time

import boto3
import botocore
import botocore.config
import botocore.exceptions

URL, REGION = sys.argv[1:]
ONCE = botocore.config.Config(retries={"total_max_attempts": 1})


def outcome(client, call):
    try:
        if "pages" in call:
            pages = client.get_paginator(call["pages"]).paginate(**call["arguments"])
            return {"answer": list(pages)}
        return {"answer": getattr(client, botocore.xform_name(call["method"]))(**call["arguments"])}
    except botocore.exceptions.ClientError as error:
        told = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"code": told["Code"], "message": told["Message"], "status": status}
    except botocore.exceptions.BotoCoreError as error:
        return {"failure": str(error)}


def plain(value):
    """Times as JavaScript writes them."""
    if not isinstance(value, datetime.datetime):
        raise TypeError(value)
    utc = value.astimezone(datetime.timezone.utc)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def main():
    client = boto3.client(
        "ec2",
        endpoint_url=URL,
        region_name=REGION,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
        config=ONCE,
    )
    for line in sys.stdin:
        call = json.loads(line)
        start = time.perf_counter()
        result = outcome(client, call)
        result["ms"] = (time.perf_counter() - start) * 1000
        print(json.dumps(result, default=plain), flush=True)


main()
