/**
 * What the AWS CLI printed, sorted into records. The members of a document say what it is, so files
 * may have any name, hold a page or all of it, and stand together in one folder.
 */
import type { z } from 'zod';
import { describe, formatPath, type Path } from '../file/problems.ts';
import {
  type AwsAddress,
  type AwsEgressOnlyGateway,
  type AwsEndpoint,
  type AwsInternetGateway,
  type AwsNatGateway,
  type AwsPeering,
  awsAddress,
  awsEgressOnlyGateway,
  awsEndpoint,
  awsInternetGateway,
  awsNatGateway,
  awsPeering,
} from './aws-gateway-shapes.ts';
import {
  type AwsAttribute,
  type AwsEndpointService,
  type AwsListener,
  type AwsLoadBalancer,
  type AwsTargetGroup,
  type AwsTargetHealth,
  awsAttribute,
  awsEndpointService,
  awsListener,
  awsLoadBalancer,
  awsTargetGroup,
  awsTargetHealth,
} from './aws-load-balancing-shapes.ts';
import {
  type AwsCidrReservation,
  type AwsDhcpOptions,
  type AwsFlowLog,
  type AwsInstance,
  type AwsInterface,
  type AwsNetworkAcl,
  type AwsPrefixList,
  type AwsPrefixListEntry,
  type AwsRouteTable,
  type AwsSecurityGroup,
  type AwsSubnet,
  type AwsVpc,
  type AwsVpcAttribute,
  awsCidrReservation,
  awsDhcpOptions,
  awsFlowLog,
  awsInterface,
  awsNetworkAcl,
  awsPrefixList,
  awsPrefixListEntry,
  awsReservation,
  awsRouteTable,
  awsSecurityGroup,
  awsSubnet,
  awsVpc,
  awsVpcAttribute,
} from './aws-shapes.ts';

/** A file of JSON, as it was read. */
export interface AwsSource {
  /** As messages show it. */
  readonly file: string;
  readonly text: string;
}

/** An object of a kind that a lab file has no place for. */
export interface OtherRecord {
  /** The list that it was in, such as `NatGateways`. */
  readonly list: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** Records by their ids, in the order of the files. */
export interface AwsRecords {
  readonly vpcs: ReadonlyMap<string, AwsVpc>;
  readonly vpcAttributes: readonly AwsVpcAttribute[];
  readonly subnets: ReadonlyMap<string, AwsSubnet>;
  readonly cidrReservations: readonly AwsCidrReservation[];
  readonly interfaces: ReadonlyMap<string, AwsInterface>;
  readonly instances: ReadonlyMap<string, AwsInstance>;
  readonly routeTables: ReadonlyMap<string, AwsRouteTable>;
  readonly securityGroups: ReadonlyMap<string, AwsSecurityGroup>;
  readonly networkAcls: ReadonlyMap<string, AwsNetworkAcl>;
  readonly dhcpOptions: ReadonlyMap<string, AwsDhcpOptions>;
  readonly prefixLists: ReadonlyMap<string, AwsPrefixList>;
  /** By the id of the list. */
  readonly prefixListEntries: ReadonlyMap<string, readonly AwsPrefixListEntry[]>;
  readonly flowLogs: ReadonlyMap<string, AwsFlowLog>;
  readonly internetGateways: ReadonlyMap<string, AwsInternetGateway>;
  readonly egressOnlyGateways: ReadonlyMap<string, AwsEgressOnlyGateway>;
  readonly natGateways: ReadonlyMap<string, AwsNatGateway>;
  readonly endpoints: ReadonlyMap<string, AwsEndpoint>;
  readonly peerings: ReadonlyMap<string, AwsPeering>;
  /** By the id of the allocation. */
  readonly addresses: ReadonlyMap<string, AwsAddress>;
  /** By ARN, as those below. */
  readonly loadBalancers: ReadonlyMap<string, AwsLoadBalancer>;
  readonly targetGroups: ReadonlyMap<string, AwsTargetGroup>;
  readonly listeners: ReadonlyMap<string, AwsListener>;
  /** By the last part of the ARN, as those below. */
  readonly targetHealth: ReadonlyMap<string, readonly AwsTargetHealth[]>;
  readonly balancingAttributes: ReadonlyMap<string, readonly AwsAttribute[]>;
  /** Those of Gateway Load Balancers, by id. */
  readonly endpointServices: ReadonlyMap<string, AwsEndpointService>;
  readonly others: readonly OtherRecord[];
}

/** Input that is not what the AWS CLI prints; the message is all that is wrong, one a line. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** Told by other documents as well, or nothing of a network. */
const REDUNDANT: ReadonlySet<string> = new Set([
  ...['Tags', 'AvailabilityZones', 'Regions', 'AccountAttributes', 'ResponseMetadata'],
  ...['Images', 'InstanceTypes', 'InstanceTypeOfferings', 'ServiceNames', 'ServiceDetails'],
  ...['InstanceStatuses', 'InstanceCreditSpecifications', 'Volumes'],
  ...['IamInstanceProfileAssociations', 'VpcEndpointConnections', 'TagDescriptions'],
]);

/** @throws ImportError with the file and the path of everything that is wrong. */
export function readRecords(sources: readonly AwsSource[]): AwsRecords {
  const reader = new Reader();
  for (const source of sources) reader.readFile(source);
  if (reader.problems.length > 0) throw new ImportError(reader.problems.join('\n'));
  return reader;
}

type Members = Readonly<Record<string, unknown>>;
type Listed = (items: readonly unknown[], path: Path) => void;

class Reader implements AwsRecords {
  readonly vpcs = new Map<string, AwsVpc>();
  readonly vpcAttributes: AwsVpcAttribute[] = [];
  readonly subnets = new Map<string, AwsSubnet>();
  readonly cidrReservations: AwsCidrReservation[] = [];
  readonly interfaces = new Map<string, AwsInterface>();
  readonly instances = new Map<string, AwsInstance>();
  readonly routeTables = new Map<string, AwsRouteTable>();
  readonly securityGroups = new Map<string, AwsSecurityGroup>();
  readonly networkAcls = new Map<string, AwsNetworkAcl>();
  readonly dhcpOptions = new Map<string, AwsDhcpOptions>();
  readonly prefixLists = new Map<string, AwsPrefixList>();
  readonly prefixListEntries = new Map<string, AwsPrefixListEntry[]>();
  readonly flowLogs = new Map<string, AwsFlowLog>();
  readonly internetGateways = new Map<string, AwsInternetGateway>();
  readonly egressOnlyGateways = new Map<string, AwsEgressOnlyGateway>();
  readonly natGateways = new Map<string, AwsNatGateway>();
  readonly endpoints = new Map<string, AwsEndpoint>();
  readonly peerings = new Map<string, AwsPeering>();
  readonly addresses = new Map<string, AwsAddress>();
  readonly loadBalancers = new Map<string, AwsLoadBalancer>();
  readonly targetGroups = new Map<string, AwsTargetGroup>();
  readonly listeners = new Map<string, AwsListener>();
  readonly targetHealth = new Map<string, AwsTargetHealth[]>();
  readonly balancingAttributes = new Map<string, AwsAttribute[]>();
  readonly endpointServices = new Map<string, AwsEndpointService>();
  readonly others: OtherRecord[] = [];
  readonly problems: string[] = [];
  #file = '';

  /** Of lists that the AWS CLI prints, by their members. */
  readonly #lists: Readonly<Record<string, Listed>> = {
    Vpcs: (items, path) => {
      // ClassicLink is no more, and its answers are of VPCs too.
      if (items.some((each) => isMembers(each) && isOfClassicLink(each))) return;
      this.#into(this.vpcs, awsVpc, ({ VpcId }) => VpcId)(items, path);
    },
    Subnets: this.#into(this.subnets, awsSubnet, ({ SubnetId }) => SubnetId),
    NetworkInterfaces: this.#into(
      this.interfaces,
      awsInterface,
      ({ NetworkInterfaceId }) => NetworkInterfaceId,
    ),
    Reservations: (items, path) => {
      for (const { Instances } of this.#records(items, path, awsReservation)) {
        for (const each of Instances) keepFirst(this.instances, each.InstanceId, each);
      }
    },
    RouteTables: this.#into(this.routeTables, awsRouteTable, ({ RouteTableId }) => RouteTableId),
    SecurityGroups: this.#into(this.securityGroups, awsSecurityGroup, ({ GroupId }) => GroupId),
    NetworkAcls: this.#into(this.networkAcls, awsNetworkAcl, ({ NetworkAclId }) => NetworkAclId),
    DhcpOptions: this.#into(this.dhcpOptions, awsDhcpOptions, ({ DhcpOptionsId }) => DhcpOptionsId),
    PrefixLists: this.#into(this.prefixLists, awsPrefixList, ({ PrefixListId }) => PrefixListId),
    FlowLogs: this.#into(this.flowLogs, awsFlowLog, ({ FlowLogId }) => FlowLogId),
    InternetGateways: this.#into(
      this.internetGateways,
      awsInternetGateway,
      ({ InternetGatewayId }) => InternetGatewayId,
    ),
    EgressOnlyInternetGateways: this.#into(
      this.egressOnlyGateways,
      awsEgressOnlyGateway,
      ({ EgressOnlyInternetGatewayId }) => EgressOnlyInternetGatewayId,
    ),
    NatGateways: this.#into(this.natGateways, awsNatGateway, ({ NatGatewayId }) => NatGatewayId),
    VpcEndpoints: this.#into(this.endpoints, awsEndpoint, ({ VpcEndpointId }) => VpcEndpointId),
    VpcPeeringConnections: this.#into(
      this.peerings,
      awsPeering,
      ({ VpcPeeringConnectionId }) => VpcPeeringConnectionId,
    ),
    Addresses: this.#into(this.addresses, awsAddress, ({ AllocationId }) => AllocationId),
    SubnetIpv4CidrReservations: (items, path) => this.#reservations(items, path),
    SubnetIpv6CidrReservations: (items, path) => this.#reservations(items, path),
    Entries: (items, path) => this.#entries(items, path),
    LoadBalancers: this.#into(
      this.loadBalancers,
      awsLoadBalancer,
      ({ LoadBalancerArn }) => LoadBalancerArn,
    ),
    TargetGroups: this.#into(
      this.targetGroups,
      awsTargetGroup,
      ({ TargetGroupArn }) => TargetGroupArn,
    ),
    Listeners: this.#into(this.listeners, awsListener, ({ ListenerArn }) => ListenerArn),
    TargetHealthDescriptions: (items, path) =>
      this.#ofArn(this.targetHealth, awsTargetHealth, 'the health of targets', items, path),
    Attributes: (items, path) =>
      this.#ofArn(this.balancingAttributes, awsAttribute, 'attributes', items, path),
    ServiceConfigurations: (items, path) => {
      const isOfGateways = (each: unknown) =>
        isMembers(each) && Array.isArray(each['GatewayLoadBalancerArns']);
      const own = items.filter(isOfGateways);
      this.#into(
        this.endpointServices,
        awsEndpointService,
        ({ ServiceId }) => ServiceId,
      )(own, path);
      this.#keepOthers(
        'ServiceConfigurations',
        items.filter((each) => !isOfGateways(each)),
      );
    },
  };

  readFile({ file, text }: AwsSource): void {
    this.#file = file;
    let value: unknown;
    try {
      // AWS has no null: tools that write one mean that the member is not there.
      value = JSON.parse(text, (_, inner) => inner ?? undefined);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.problems.push(`${file}: Cannot read the file: ${reason}, wanted JSON`);
      return;
    }
    const documents = Array.isArray(value) ? value : [value];
    for (const [index, document] of documents.entries()) {
      const path = Array.isArray(value) ? [index] : [];
      if (isMembers(document)) this.#readDocument(document, path);
      else this.#blame(path, document, 'an answer such as {"Vpcs": [...]}');
    }
  }

  #readDocument(document: Members, path: Path): void {
    if (
      document['EnableDnsSupport'] !== undefined ||
      document['EnableDnsHostnames'] !== undefined
    ) {
      this.vpcAttributes.push(...this.#records([document], path, awsVpcAttribute, false));
      return;
    }
    for (const [member, value] of Object.entries(document)) {
      const listed = Object.hasOwn(this.#lists, member) ? this.#lists[member] : undefined;
      if (Array.isArray(value)) {
        if (listed !== undefined) listed(value, [...path, member]);
        else if (!REDUNDANT.has(member)) this.#keepOthers(member, value);
      } else if (listed !== undefined) this.#blame([...path, member], value, 'a list');
    }
  }

  #keepOthers(list: string, items: readonly unknown[]): void {
    for (const members of items.filter(isMembers)) this.others.push({ list, members });
  }

  /** @returns what puts the records of a list into a map. */
  #into<R>(map: Map<string, R>, shape: z.ZodType<R>, idOf: (row: R) => string): Listed {
    return (items, path) => {
      for (const row of this.#records(items, path, shape)) keepFirst(map, idOf(row), row);
    };
  }

  #reservations(items: readonly unknown[], path: Path): void {
    this.cidrReservations.push(...this.#records(items, path, awsCidrReservation));
  }

  /** An answer does not say whose entries it has, so the name of its file must. */
  #entries(items: readonly unknown[], path: Path): void {
    const id = /pl-[0-9a-f]+/.exec(this.#file)?.[0];
    if (id === undefined) {
      const wanted = 'the id of their list in the name of the file, such as pl-0123456789abcdef0';
      this.problems.push(
        `${this.#file}: Cannot read "${formatPath(path)}": found entries of a prefix list, wanted ${wanted}`,
      );
      return;
    }
    const known = this.prefixListEntries.get(id) ?? [];
    this.prefixListEntries.set(id, [...known, ...this.#records(items, path, awsPrefixListEntry)]);
  }

  /** An answer does not say whose it is, so the name of its file must. */
  #ofArn<R>(
    map: Map<string, R[]>,
    shape: z.ZodType<R>,
    what: string,
    items: readonly unknown[],
    path: Path,
  ): void {
    const tail = /[0-9a-f]{16}/.exec(this.#file.slice(this.#file.lastIndexOf('/') + 1))?.[0];
    if (tail === undefined) {
      const wanted = 'the last part of the ARN in the name of the file, such as 0123456789abcdef';
      this.problems.push(
        `${this.#file}: Cannot read "${formatPath(path)}": found ${what}, wanted ${wanted}`,
      );
      return;
    }
    map.set(tail, [...(map.get(tail) ?? []), ...this.#records(items, path, shape)]);
  }

  /** @returns the records that have the shape; what is wrong with the others is reported. */
  #records<R>(
    items: readonly unknown[],
    path: Path,
    shape: z.ZodType<R>,
    areListed = true,
  ): readonly R[] {
    return items.flatMap((item, index) => {
      const result = shape.safeParse(item);
      if (result.success) return [result.data];
      for (const issue of result.error.issues) {
        const at = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
        const found = at.reduce<unknown>((value, step) => (value as Members)?.[step], item);
        this.#blame([...path, ...(areListed ? [index] : []), ...at], found, issue.message);
      }
      return [];
    });
  }

  #blame(path: Path, found: unknown, wanted: string): void {
    const place = path.length === 0 ? 'the file' : `"${formatPath(path)}"`;
    this.problems.push(
      `${this.#file}: Cannot read ${place}: found ${describe(found)}, wanted ${wanted}`,
    );
  }
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfClassicLink(members: Members): boolean {
  return Object.keys(members).some((name) => name.startsWith('ClassicLink'));
}

/** Pages and folders may overlap. */
function keepFirst<R>(map: Map<string, R>, id: string, row: R): void {
  if (!map.has(id)) map.set(id, row);
}
