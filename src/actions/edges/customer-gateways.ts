/** The actions on customer gateways, the far ends of VPN connections. */
import { formatIpv4, parseIpv4 } from '../../addr/ipv4.ts';
import type { CustomerGateway } from '../../model/gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, FILTERS, selectRows } from '../describe.ts';
import { invalidAddress, invalidValue, missingOneOf } from '../errors.ts';
import { optionalInteger, optionalString, stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { customerGatewayLimitExceeded, inUse, notTogether, onlyValue } from './gateway-errors.ts';
import { findCustomerGateway } from './lookup-gateways.ts';

/** The only type of VPN. */
export const IPSEC = 'ipsec.1';
/** What AWS takes when nobody tells (VPN-8). */
const DEFAULT_ASN = 65_000;
const MAX_ASN = 2_147_483_647;

/** @throws InvalidParameterValue unless the type is `ipsec.1`. */
export function checkVpnType(input: ActionInput): void {
  const type = stringOf(input, 'Type');
  if (type !== IPSEC) throw onlyValue('type', type, IPSEC);
}

function customerGatewayShape(gateway: CustomerGateway): ActionOutput {
  return {
    CustomerGatewayId: gateway.customerGatewayId,
    IpAddress: formatIpv4(gateway.addr),
    BgpAsn: String(gateway.bgpAsn),
    DeviceName: gateway.deviceName ?? undefined,
    State: 'available',
    Type: IPSEC,
    Tags: tagSet(gateway.tags),
  };
}

/** The same address and ASN again give the gateway that there is. */
function createCustomerGateway(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { customerGateways, quotas } = draft.snapshot;
  const tags = tagsFor(input, 'customer-gateway');
  checkVpnType(input);
  const bgpAsn = optionalInteger(input, 'BgpAsn') ?? DEFAULT_ASN;
  if (bgpAsn < 1 || bgpAsn > MAX_ASN) throw invalidValue('bgpAsn', String(bgpAsn));
  const publicIp = optionalString(input, 'PublicIp');
  const ipAddress = optionalString(input, 'IpAddress');
  if (publicIp !== undefined && ipAddress !== undefined) throw notTogether('publicIp', 'ipAddress');
  const text = ipAddress ?? publicIp;
  if (text === undefined) throw missingOneOf(['ipAddress', 'publicIp']);
  const addr = parseIpv4(text);
  if (addr === null) throw invalidAddress(text);
  const same = [...customerGateways.values()].find(
    (each) => each.addr === addr && each.bgpAsn === bgpAsn,
  );
  if (same !== undefined) return { CustomerGateway: customerGatewayShape(same) };
  if (customerGateways.size >= quotas.customerGatewaysPerRegion) {
    throw customerGatewayLimitExceeded();
  }
  const deviceName = optionalString(input, 'DeviceName') ?? null;
  const gateway = { customerGatewayId: newId('cgw'), addr, bgpAsn, deviceName, tags };
  draft.put('customerGateways', gateway.customerGatewayId, gateway);
  return { CustomerGateway: customerGatewayShape(gateway) };
}

function deleteCustomerGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { customerGatewayId } = findCustomerGateway(snapshot, stringOf(input, 'CustomerGatewayId'));
  const isUsed = [...snapshot.vpnConnections.values()].some(
    (each) => each.customerGatewayId === customerGatewayId,
  );
  if (isUsed) throw inUse('customer gateway');
  draft.delete('customerGateways', customerGatewayId);
  return {};
}

const CUSTOMER_GATEWAYS: Omit<DescribeSpec<'cgw', CustomerGateway>, 'member' | 'shape'> = {
  idsParameter: 'CustomerGatewayIds',
  prefix: 'cgw',
  rows: (snapshot) => snapshot.customerGateways,
  filters: {
    'bgp-asn': (gateway) => [gateway.bgpAsn],
    'customer-gateway-id': (gateway) => [gateway.customerGatewayId],
    'ip-address': (gateway) => [formatIpv4(gateway.addr)],
    state: () => ['available'],
    type: () => [IPSEC],
  },
};

/** Without pages, as on AWS. */
function describeCustomerGateways(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { rows } = selectRows(CUSTOMER_GATEWAYS, input, draft.snapshot);
  return { CustomerGateways: rows.map(customerGatewayShape) };
}

export const CUSTOMER_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateCustomerGateway',
    parameters: {
      BgpAsn: 'integer',
      PublicIp: 'string',
      IpAddress: 'string',
      Type: 'string',
      DeviceName: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['Type'],
    perform: createCustomerGateway,
  },
  {
    name: 'DeleteCustomerGateway',
    parameters: { CustomerGatewayId: 'string' },
    required: ['CustomerGatewayId'],
    perform: deleteCustomerGateway,
  },
  {
    name: 'DescribeCustomerGateways',
    parameters: { Filters: FILTERS, CustomerGatewayIds: ['string'] },
    required: [],
    perform: describeCustomerGateways,
  },
];
