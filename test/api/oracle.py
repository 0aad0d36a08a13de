"""The other side of the codec test: random requests and answers of every action, by botocore.

Arguments: the service, a seed, the number of rounds, and the actions. Writes a line of JSON for each message:
{"action", "form", "input"}: a request as botocore sends it, and what it was made of;
{"action", "output"}: an answer to encode; then it reads a line, a JSON string with the XML, and
writes {"difference"}: what botocore read instead, or null.
"""

import base64
import datetime
import json
import random
import sys
from urllib.parse import urlencode

import botocore.session
from botocore import parsers, serialize

TEXTS = ["x<&>\"' y", "grüße ☃ 🐧", "a.b.c", "true", "", " ", "12", "]]>", "a\r\nb\tc", "A" * 300, "%41+&="]
UTC = datetime.timezone.utc


class Messages:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self, shape, depth):
        kind = shape.type_name
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind in ("integer", "long"):
            return self.random.choice([0, -1, 1, 65535, 2**31 - 1])
        if kind in ("float", "double"):
            return self.random.choice([0.5, 1.25, -3.75])
        if kind == "timestamp":
            return datetime.datetime.fromtimestamp(self.random.randrange(2**31), UTC)
        if kind == "blob":
            return bytes(self.random.randrange(256) for _ in range(self.random.randrange(1, 9)))
        assert kind == "string", kind
        return self.random.choice(shape.enum or TEXTS)

    def value(self, shape, depth, keep_empty):
        if shape.type_name == "structure":
            chance = 0.6 / (1 + depth)
            value = {
                name: self.value(member, depth + 1, keep_empty)
                for name, member in shape.members.items()
                # No action of a lab has a map.
                if member.type_name != "map" and self.random.random() < chance
            }
            return {name: part for name, part in value.items() if keep_empty or part not in ({}, [])}
        if shape.type_name == "list":
            count = self.random.choice([0, 1, 2, 11] if depth < 3 else [0, 1])
            parts = [self.value(shape.member, depth + 1, keep_empty) for _ in range(count)]
            return [part for part in parts if keep_empty or part not in ({}, [])]
        return self.scalar(shape, depth)


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(value)


def tell(message):
    print(json.dumps(message, default=plain), flush=True)


def main():
    service, seed, rounds, actions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    model = botocore.session.get_session().get_service_model(service)
    protocol = model.metadata["protocol"]
    serializer = serialize.create_serializer(protocol, include_validation=False)
    parser = parsers.create_parser(protocol)
    messages = Messages(seed)
    for name in actions * rounds:
        operation = model.operation_model(name)
        given = messages.value(operation.input_shape, 0, keep_empty=False)
        request = serializer.serialize_to_request(given, operation)
        tell({"action": name, "form": urlencode(request["body"]), "input": given})
        shape = operation.output_shape
        output = {} if shape is None else messages.value(shape, 0, keep_empty=True)
        tell({"action": name, "output": output})
        xml = json.loads(sys.stdin.readline())
        response = {"status_code": 200, "headers": {}, "body": xml.encode()}
        read = parser.parse(response, shape)
        read.pop("ResponseMetadata")
        tell({"difference": None if read == output else repr(read)})


main()
