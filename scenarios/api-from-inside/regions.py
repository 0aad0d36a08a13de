#!/usr/bin/python3
"""Prints the blocks of the VPCs of each region that is named: boto3 is told the region, and nothing else."""

import sys

import boto3

for region in sys.argv[1:]:
    vpcs = boto3.client("ec2", region_name=region).describe_vpcs()["Vpcs"]
    print(region, *sorted(vpc["CidrBlock"] for vpc in vpcs))
