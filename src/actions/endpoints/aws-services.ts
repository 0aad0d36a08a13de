/** AWS's own services that a VPC endpoint can reach: their names in a region, and how each is reached. */
import type { EndpointType, ServiceAddressType } from '../../model/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { createIdSource } from '../ids.ts';

export interface AwsService {
  /** Such as `com.amazonaws.us-east-1.ec2`. */
  readonly serviceName: string;
  readonly serviceId: string;
  readonly type: EndpointType;
  /** What the names of its endpoints end in. */
  readonly baseDnsName: string;
  /** The public name that can lead to an endpoint; null when there is none. */
  readonly privateDnsName: string | null;
  readonly addressTypes: readonly ServiceAddressType[];
}

/** The services with a gateway; their prefix lists have the same names. @source GWEP-1 */
const GATEWAY_SERVICES = ['s3', 'dynamodb'];

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Behind `com.amazonaws.REGION.`; those that do not take IPv6 yet. */
const IPV4_SERVICES = wordsOf(`
  access-analyzer account acm-pca airflow.api airflow.env airflow.ops analytics-omics
  app-integrations appconfig appconfigdata appflow apprunner apprunner.requests appstream.api
  appstream.streaming appsync-api athena auditmanager autoscaling autoscaling-plans awsconnector
  backup backup-gateway batch bedrock bedrock-agent bedrock-agent-runtime bedrock-runtime
  cassandra cleanrooms clouddirectory cloudformation cloudhsmv2 cloudtrail codeartifact.api
  codeartifact.repositories codebuild codecommit codedeploy codedeploy-commands-secure
  codepipeline comprehend comprehendmedical config connect-campaigns data-servicediscovery
  databrew dataexchange datasync datazone deviceadvisor.iot dms drs ds ecr.api ecr.dkr ecs
  ecs-agent ecs-telemetry elastic-inference.runtime elasticache elasticbeanstalk
  elasticbeanstalk-health elasticfilesystem elasticmapreduce email-smtp emr-containers
  emr-serverless events evidently finspace finspace-api fis forecast forecastquery frauddetector
  fsx git-codecommit glue grafana grafana-workspace greengrass groundstation guardduty-data
  healthlake identitystore imagebuilder inspector2 iot.credentials iot.data iotsitewise.api
  iotsitewise.data iotwireless.api kafka kendra kinesis-firehose lakeformation license-manager
  lookoutmetrics macie2 mediaconnect memory-db mgn migrationhub-orchestrator models-v2-lex
  monitoring networkmonitor notebook nimble opsworks panorama pca-connector-ad personalize
  pinpoint polly private-networks proton qldb.session rds rds-data redshift redshift-data
  refactor-spaces rekognition robomaker rolesanywhere rum runtime-v2-lex s3-outposts s3express
  sagemaker.api sagemaker.featurestore-runtime sagemaker.metrics sagemaker.runtime scn
  securityhub servicecatalog servicediscovery signin simspaceweaver snow-device-management sms
  ssm ssm-contacts ssm-incidents ssmmessages states storagegateway swf synthetics textract
  timestream.ingest-cell1 timestream.query-cell1 transcribe transcribestreaming transfer
  transfer.server translate verifiedpermissions voiceid vpc-lattice wisdom workspaces xray
`);

/** Behind `com.amazonaws.REGION.`; dual-stack ones. */
const DUAL_STACK_SERVICES = wordsOf(`
  application-autoscaling dynamodb ebs ec2 ec2messages eks eks-auth elasticloadbalancing
  execute-api kinesis-streams kms lambda logs s3 secretsmanager sns sqs sts
`);

/** Where the public name is not that of the endpoint's service. */
const PUBLIC_NAMES: Readonly<Record<string, string>> = {
  'ecr.api': 'api.ecr',
  'ecr.dkr': '*.dkr.ecr',
  'execute-api': '*.execute-api',
  'kinesis-firehose': 'firehose',
  'kinesis-streams': 'kinesis',
  'sagemaker.api': 'api.sagemaker',
  'sagemaker.featurestore-runtime': 'featurestore-runtime.sagemaker',
  'sagemaker.metrics': 'metrics.sagemaker',
  'sagemaker.runtime': 'runtime.sagemaker',
};

/** @returns AWS's services of the region, in the order of their names, a gateway before an interface. */
export function awsServices({ region }: Snapshot): AwsService[] {
  const made = (suffix: string, type: EndpointType): AwsService => {
    const serviceName = `com.amazonaws.${region}.${suffix}`;
    const domain = `${PUBLIC_NAMES[suffix] ?? suffix}.${region}.amazonaws.com`;
    const isGateway = type === 'Gateway';
    const isDual = !isGateway && DUAL_STACK_SERVICES.includes(suffix);
    return {
      serviceName,
      serviceId: createIdSource(`${serviceName} ${type}`).newId('vpce-svc'),
      type,
      baseDnsName: isGateway ? domain : `${suffix}.${region}.vpce.amazonaws.com`,
      privateDnsName: isGateway ? null : domain,
      addressTypes: isDual ? ['ipv4', 'ipv6'] : ['ipv4'],
    };
  };
  const interfaces = [...IPV4_SERVICES, ...DUAL_STACK_SERVICES].toSorted();
  return interfaces.flatMap((suffix) => [
    ...(GATEWAY_SERVICES.includes(suffix) ? [made(suffix, 'Gateway')] : []),
    made(suffix, 'Interface'),
  ]);
}
