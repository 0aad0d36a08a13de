"""A client of the API. Arguments: its URL, the region, how to retry (`never`, or a mode of boto3), and the
service, which is EC2 when it is left out.

Reads calls as lines of JSON, {"method", "arguments"}, {"pages", "arguments"} or, for a signed URL,
{"presign", "arguments"}, and answers each with a
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

URL, REGION, MODE, *SERVICE = sys.argv[1:]
RETRIES = {"total_max_attempts": 1} if MODE == "never" else {"mode": MODE, "total_max_attempts": 12}


def outcome(client, call):
    try:
        if "pages" in call:
            pages = client.get_paginator(call["pages"]).paginate(**call["arguments"])
            return {"answer": list(pages)}
        if "presign" in call:
            url = client.generate_presigned_url(call["presign"], call["arguments"], HttpMethod="GET")
            return {"answer": url}
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
        SERVICE[0] if SERVICE else "ec2",
        endpoint_url=URL,
        region_name=REGION,
        config=botocore.config.Config(retries=RETRIES),
    )
    for line in sys.stdin:
        call = json.loads(line)
        start = time.perf_counter()
        result = outcome(client, call)
        result["ms"] = (time.perf_counter() - start) * 1000
        print(json.dumps(result, default=plain), flush=True)


main()
