#!/usr/bin/python3
"""Watches a host, and moves the interface with the service address here when it is dead.

monitor HOST ADDRESS: pings HOST; ADDRESS is the private address of the interface.
"""

import subprocess
import sys
import time
from urllib.request import Request, urlopen

import boto3
from botocore.exceptions import BotoCoreError, ClientError

IMDS = "http://169.254.169.254/latest"
INTERVAL = 0.2
LOST_IN_A_ROW = 3


def ask_imds(path, method, headers):
    with urlopen(Request(f"{IMDS}/{path}", method=method, headers=headers), timeout=5) as answer:
        return answer.read().decode()


def metadata(path):
    token = ask_imds("api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    return ask_imds(f"meta-data/{path}", "GET", {"X-aws-ec2-metadata-token": token})


host, address = sys.argv[1:]
ec2 = boto3.client("ec2", region_name=metadata("placement/region"))


def say(words):
    now = time.time()
    clock = time.strftime("%H:%M:%S", time.localtime(now))
    print(f"{clock}.{int(now % 1 * 1000):03d} {words}", flush=True)


def interface():
    filters = [{"Name": "private-ip-address", "Values": [address]}]
    return ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"][0]


def is_alive():
    ping = ["ping", "-n", "-q", "-c1", f"-W{INTERVAL}", host]
    return subprocess.run(ping, stdout=subprocess.DEVNULL).returncode == 0


def wait_for_death():
    lost = 0
    while lost < LOST_IN_A_ROW:
        begin = time.monotonic()
        lost = 0 if is_alive() else lost + 1
        time.sleep(max(0, begin + INTERVAL - time.monotonic()))


def take_over(own):
    found = interface()
    eni = found["NetworkInterfaceId"]
    if found["Status"] == "in-use":
        attachment = found["Attachment"]["AttachmentId"]
        ec2.detach_network_interface(AttachmentId=attachment, Force=True)
        say(f"DetachNetworkInterface {attachment}")
        while interface()["Status"] != "available":
            time.sleep(0.05)
    ec2.attach_network_interface(NetworkInterfaceId=eni, InstanceId=own, DeviceIndex=1)
    say(f"AttachNetworkInterface {eni}")
    subprocess.run(["route-eth1", "wait"], check=True)
    say(f"{address} is here")


def main():
    own = metadata("instance-id")
    while True:
        # The API may not answer yet. What it answers is not kept, but the connection and the credentials are.
        try:
            interface()
            break
        except (BotoCoreError, ClientError) as error:
            say(error)
            time.sleep(0.5)
    say(f"watching {host}")
    wait_for_death()
    say(f"{host} is dead")
    take_over(own)


main()
