"""What `aws ec2 ... --output json` prints of answers: botocore reads them, as in the AWS CLI.

Reads lines of JSON, [action, XML]; writes the JSON of each on a line.
"""

import json
import sys

import botocore.session
from botocore import parsers

model = botocore.session.get_session().get_service_model("ec2", "2016-11-15")
factory = parsers.ResponseParserFactory()
# The AWS CLI leaves times as they came.
factory.set_parser_defaults(timestamp_parser=str)
parser = factory.create_parser("ec2")
for line in sys.stdin:
    action, xml = json.loads(line)
    shape = model.operation_model(action).output_shape
    answer = parser.parse({"status_code": 200, "headers": {}, "body": xml.encode()}, shape)
    answer.pop("ResponseMetadata")
    # botocore has gone through all pages.
    answer.pop("NextToken", None)
    print(json.dumps(answer), flush=True)
