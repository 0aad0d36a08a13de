#!/usr/bin/python3
"""Three tiers by the EC2 API, as a tool for infrastructure makes and destroys them.

tiers build        makes everything, and writes what it made to the state file
tiers admit WHAT   lets this subnet in: the group of the db tier, or its acl
tiers wrong-order  destroys what others need, and fails unless AWS refuses all of it
tiers destroy      destroys everything in the order of dependencies; fails if anything is left
"""

import json
import os
import sys

import boto3
from botocore.exceptions import ClientError

STATE = "/var/lib/tiers.json"
ZONES = ["us-east-1a", "us-east-1b"]
# The third number of the block of the first zone.
TIERS = {"web": 10, "app": 20, "db": 30}
OPS = "10.0.0.0/24"
PORT = 8080
POLL = {"Delay": 1, "MaxAttempts": 60}

# The credentials are those of the instance's role.
ec2 = boto3.client("ec2", region_name="us-east-1")


def tags(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def tier_rule(source):
    return [{"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, **source}]


def inventory():
    """All that there is, by kind."""

    def ids(items, key):
        return sorted(item[key] for item in items)

    reservations = ec2.describe_instances()["Reservations"]
    instances = [one for each in reservations for one in each["Instances"]]
    alive = [one for one in instances if one["State"]["Name"] != "terminated"]
    nat = [{"Name": "state", "Values": ["pending", "available", "deleting"]}]
    nat_gateways = ec2.describe_nat_gateways(Filters=nat)["NatGateways"]
    return {
        "vpcs": ids(ec2.describe_vpcs()["Vpcs"], "VpcId"),
        "subnets": ids(ec2.describe_subnets()["Subnets"], "SubnetId"),
        "route tables": ids(ec2.describe_route_tables()["RouteTables"], "RouteTableId"),
        "network ACLs": ids(ec2.describe_network_acls()["NetworkAcls"], "NetworkAclId"),
        "groups": ids(ec2.describe_security_groups()["SecurityGroups"], "GroupId"),
        "internet gateways": ids(
            ec2.describe_internet_gateways()["InternetGateways"], "InternetGatewayId"
        ),
        "NAT gateways": ids(nat_gateways, "NatGatewayId"),
        "addresses": ids(ec2.describe_addresses()["Addresses"], "AllocationId"),
        "interfaces": ids(
            ec2.describe_network_interfaces()["NetworkInterfaces"], "NetworkInterfaceId"
        ),
        "instances": ids(alive, "InstanceId"),
    }


def build():
    state = {"before": inventory()}
    filters = [{"Name": "tag:Name", "Values": ["template"]}]
    (template,) = ec2.describe_instances(Filters=filters)["Reservations"][0]["Instances"]
    state["vpc"] = template["VpcId"]
    state["image"] = template["ImageId"]
    make_subnets(state)
    make_gateways(state)
    make_route_tables(state)
    make_groups(state)
    make_acl(state)
    make_instances(state)
    with open(STATE, "w") as file:
        json.dump(state, file)
    made = {kind: len(ids) - len(state["before"][kind]) for kind, ids in inventory().items()}
    print("made", ", ".join(f"{count} {kind}" for kind, count in made.items() if count))


def make_subnets(state):
    state["subnets"] = {}
    for tier, number in TIERS.items():
        for offset, zone in enumerate(ZONES):
            name = f"{tier}-{zone[-1]}"
            subnet = ec2.create_subnet(
                VpcId=state["vpc"],
                CidrBlock=f"10.0.{number + offset}.0/24",
                AvailabilityZone=zone,
                TagSpecifications=tags("subnet", name),
            )["Subnet"]
            state["subnets"][name] = subnet["SubnetId"]


def make_gateways(state):
    igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=state["vpc"])
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=state["subnets"]["web-a"], AllocationId=address)
    nat = nat["NatGateway"]["NatGatewayId"]
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig=POLL)
    state.update(igw=igw, address=address, nat=nat)


def make_route_tables(state):
    """The web tier may reach the internet, the app tier by NAT, the db tier not at all."""
    targets = {"web": {"GatewayId": state["igw"]}, "app": {"NatGatewayId": state["nat"]}, "db": None}
    state["tables"] = {}
    state["associations"] = []
    for tier, target in targets.items():
        table = ec2.create_route_table(
            VpcId=state["vpc"], TagSpecifications=tags("route-table", tier)
        )["RouteTable"]["RouteTableId"]
        state["tables"][tier] = table
        if target is not None:
            ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
        for name in tier_names(tier):
            made = ec2.associate_route_table(RouteTableId=table, SubnetId=state["subnets"][name])
            state["associations"].append(made["AssociationId"])


def tier_names(tier):
    return [f"{tier}-{zone[-1]}" for zone in ZONES]


def make_groups(state):
    """Each tier lets in the one before it; the first, the subnet of the builder."""
    state["groups"] = {}
    source = {"IpRanges": [{"CidrIp": OPS}]}
    for tier in TIERS:
        group = ec2.create_security_group(
            GroupName=tier, Description=f"the {tier} tier", VpcId=state["vpc"]
        )["GroupId"]
        state["groups"][tier] = group
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=tier_rule(source))
        source = {"UserIdGroupPairs": [{"GroupId": group}]}


def make_acl(state):
    """The db tier talks to the app tier only, whatever its group says."""
    acl = ec2.create_network_acl(VpcId=state["vpc"])["NetworkAcl"]["NetworkAclId"]
    state["acl"] = acl
    state["acl associations"] = {}
    allow(acl, 100, "10.0.20.0/23")
    for name in tier_names("db"):
        filters = [{"Name": "association.subnet-id", "Values": [state["subnets"][name]]}]
        (default,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        (old,) = [a for a in default["Associations"] if a["SubnetId"] == state["subnets"][name]]
        made = ec2.replace_network_acl_association(
            AssociationId=old["NetworkAclAssociationId"], NetworkAclId=acl
        )
        state["acl associations"][made["NewAssociationId"]] = default["NetworkAclId"]


def allow(acl, number, block):
    """Requests from a block, and the answers to it."""
    for egress, (first, last) in [(False, (PORT, PORT)), (True, (1024, 65535))]:
        ec2.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=number,
            Protocol="6",
            RuleAction="allow",
            Egress=egress,
            CidrBlock=block,
            PortRange={"From": first, "To": last},
        )


def make_instances(state):
    state["instances"] = []
    for name, subnet in state["subnets"].items():
        tier, zone = name.split("-")
        made = ec2.run_instances(
            ImageId=state["image"],
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            PrivateIpAddress=f"10.0.{TIERS[tier] + 'ab'.index(zone)}.10",
            SecurityGroupIds=[state["groups"][tier]],
            TagSpecifications=tags("instance", name),
        )["Instances"][0]["InstanceId"]
        state["instances"].append(made)
    ec2.get_waiter("instance_running").wait(InstanceIds=state["instances"], WaiterConfig=POLL)


def admit(what):
    state = load()
    if what == "group":
        permissions = tier_rule({"IpRanges": [{"CidrIp": OPS}]})
        group = state["groups"]["db"]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)
    else:
        allow(state["acl"], 110, OPS)


def wrong_order():
    state = load()
    attempts = [
        ("a subnet with an instance", ec2.delete_subnet, {"SubnetId": state["subnets"]["web-a"]}),
        (
            "a group that a rule names",
            ec2.delete_security_group,
            {"GroupId": state["groups"]["web"]},
        ),
        (
            "a route table with associations",
            ec2.delete_route_table,
            {"RouteTableId": state["tables"]["db"]},
        ),
        ("an ACL in use", ec2.delete_network_acl, {"NetworkAclId": state["acl"]}),
        (
            "the attachment of an internet gateway with a public address behind it",
            ec2.detach_internet_gateway,
            {"InternetGatewayId": state["igw"], "VpcId": state["vpc"]},
        ),
        (
            "an internet gateway that is attached",
            ec2.delete_internet_gateway,
            {"InternetGatewayId": state["igw"]},
        ),
        ("a VPC with all that", ec2.delete_vpc, {"VpcId": state["vpc"]}),
    ]
    before = inventory()
    for what, delete, parameters in attempts:
        try:
            delete(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            print(f"{what}: {code}")
            if code != "DependencyViolation":
                sys.exit(f"{what}: wanted DependencyViolation")
        else:
            sys.exit(f"{what}: it was destroyed")
    if inventory() != before:
        sys.exit("a refusal has changed something")


def destroy():
    state = load()
    ec2.terminate_instances(InstanceIds=state["instances"])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=state["instances"], WaiterConfig=POLL)
    for association, default in state["acl associations"].items():
        ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=default)
    ec2.delete_network_acl(NetworkAclId=state["acl"])
    # A group goes after those whose rules name it.
    for group in reversed(state["groups"].values()):
        ec2.delete_security_group(GroupId=group)
    for association in state["associations"]:
        ec2.disassociate_route_table(AssociationId=association)
    for table in state["tables"].values():
        ec2.delete_route_table(RouteTableId=table)
    ec2.delete_nat_gateway(NatGatewayId=state["nat"])
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[state["nat"]], WaiterConfig=POLL)
    ec2.release_address(AllocationId=state["address"])
    ec2.detach_internet_gateway(InternetGatewayId=state["igw"], VpcId=state["vpc"])
    ec2.delete_internet_gateway(InternetGatewayId=state["igw"])
    for subnet in state["subnets"].values():
        ec2.delete_subnet(SubnetId=subnet)
    os.remove(STATE)
    left = {
        kind: sorted(set(ids) ^ set(state["before"][kind])) for kind, ids in inventory().items()
    }
    if any(left.values()):
        sys.exit(f"not as before: {left}")
    print("nothing is left")


def load():
    with open(STATE) as file:
        return json.load(file)


COMMANDS = {"build": build, "admit": admit, "wrong-order": wrong_order, "destroy": destroy}
COMMANDS[sys.argv[1]](*sys.argv[2:])
