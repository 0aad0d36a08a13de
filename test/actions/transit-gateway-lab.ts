/** A region with a transit gateway, for the tests of what belongs to one. */
import type { ActionInput, ActionOutput } from '../../src/actions/action.ts';
import { at, Lab, type LabOptions, listAt, textAt } from './lab.ts';

export const ACCOUNT = '123456789012';
export const OTHER_ACCOUNT = '210987654321';

export function transitGateway(lab: Lab, Options: ActionInput = {}): string {
  const output = lab.act('CreateTransitGateway', { Options });
  return textAt(output, 'TransitGateway', 'TransitGatewayId');
}

/** A new attachment of a VPC. */
export function vpcAttachment(
  lab: Lab,
  TransitGatewayId: string,
  VpcId: string,
  SubnetIds: readonly string[],
  more: ActionInput = {},
): string {
  const input = { TransitGatewayId, VpcId, SubnetIds, ...more };
  const output = lab.act('CreateTransitGatewayVpcAttachment', input);
  return textAt(output, 'TransitGatewayVpcAttachment', 'TransitGatewayAttachmentId');
}

/** The default table of a transit gateway. */
export function defaultTable(lab: Lab, transitGatewayId: string): string {
  const output = lab.act('DescribeTransitGateways', { TransitGatewayIds: [transitGatewayId] });
  return textAt(output, 'TransitGateways', 0, 'Options', 'AssociationDefaultRouteTableId');
}

export function newTable(lab: Lab, TransitGatewayId: string): string {
  const output = lab.act('CreateTransitGatewayRouteTable', { TransitGatewayId });
  return textAt(output, 'TransitGatewayRouteTable', 'TransitGatewayRouteTableId');
}

/** The routes of a table as `destination attachment type state`, those that match filters. */
export function searched(
  lab: Lab,
  TransitGatewayRouteTableId: string,
  filters: Readonly<Record<string, string>> = { type: '*' },
): string[] {
  const Filters = Object.entries(filters).map(([Name, value]) => ({ Name, Values: [value] }));
  const input = { TransitGatewayRouteTableId, Filters };
  return listAt(lab.act('SearchTransitGatewayRoutes', input), 'Routes').map((route) => {
    const attachment = at(route, 'TransitGatewayAttachments', 0, 'TransitGatewayAttachmentId');
    const words = [at(route, 'DestinationCidrBlock'), attachment ?? '-', at(route, 'Type')];
    return [...words, at(route, 'State')].join(' ');
  });
}

/** The state of an attachment of any kind. */
export function attachmentState(lab: Lab, id: string): unknown {
  const input = { TransitGatewayAttachmentIds: [id] };
  const output: ActionOutput = lab.act('DescribeTransitGatewayAttachments', input);
  return at(output, 'TransitGatewayAttachments', 0, 'State');
}

/** A transit gateway with a VPC of two zones that is attached in the first. */
export function attachedLab(options: LabOptions = {}, tgwOptions: ActionInput = {}) {
  const lab = new Lab(options);
  const tgw = transitGateway(lab, tgwOptions);
  const vpcId = lab.vpc();
  const subnet = lab.subnet(vpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' });
  const attachment = vpcAttachment(lab, tgw, vpcId, [subnet]);
  return { lab, tgw, vpcId, subnet, attachment };
}
