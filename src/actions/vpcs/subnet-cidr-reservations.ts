/** The actions on CIDR reservations of subnets: addresses that are never chosen by AWS (SUB-11). */
import { cidrContains, cidrsOverlap, formatCidr, parseCidr } from '../../addr/cidr.ts';
import type { Subnet, SubnetCidrReservation } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { subnetBlocks } from '../../model/subnets.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { invalidCidr, invalidValue, parameterValue, unknownId } from '../errors.ts';
import { optionalString, stringOf } from '../input.ts';
import { findSubnet } from '../lookup.ts';

const RESERVATION_TYPES = ['prefix', 'explicit'] as const;

function reservationShape(
  reservation: SubnetCidrReservation,
  subnet: Subnet,
  snapshot: Snapshot,
): ActionOutput {
  return {
    SubnetCidrReservationId: reservation.reservationId,
    SubnetId: subnet.subnetId,
    Cidr: formatCidr(reservation.cidr),
    ReservationType: reservation.type,
    OwnerId: snapshot.accountId,
    Description: reservation.description,
    Tags: [],
  };
}

function createReservation(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const subnet = findSubnet(draft.snapshot, stringOf(input, 'SubnetId'));
  const given = stringOf(input, 'ReservationType');
  const type = RESERVATION_TYPES.find((each) => each === given);
  if (type === undefined) throw invalidValue('reservationType', given);
  const text = stringOf(input, 'Cidr');
  const cidr = parseCidr(text);
  if (cidr === null) throw invalidCidr('cidr', text);
  const blocks = subnetBlocks(subnet);
  if (!blocks.some((each) => cidrContains(each, cidr))) {
    const shown = blocks.map(formatCidr).join(', ');
    throw parameterValue(`Reservation CIDR should be within subnet CIDR block (${shown})`);
  }
  if (subnet.reservations.some((each) => cidrsOverlap(each.cidr, cidr))) {
    throw parameterValue(`Reservation CIDR ${text} has overlap with existing reserved CIDR block`);
  }
  const reservation: SubnetCidrReservation = {
    reservationId: newId('scr'),
    cidr,
    type,
    description: optionalString(input, 'Description') ?? '',
  };
  const reservations = [...subnet.reservations, reservation];
  draft.put('subnets', subnet.subnetId, { ...subnet, reservations });
  return { SubnetCidrReservation: reservationShape(reservation, subnet, draft.snapshot) };
}

function deleteReservation(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'SubnetCidrReservationId');
  for (const subnet of draft.snapshot.subnets.values()) {
    const reservation = subnet.reservations.find((each) => each.reservationId === id);
    if (reservation === undefined) continue;
    const reservations = subnet.reservations.filter((each) => each !== reservation);
    draft.put('subnets', subnet.subnetId, { ...subnet, reservations });
    return { DeletedSubnetCidrReservation: reservationShape(reservation, subnet, draft.snapshot) };
  }
  throw unknownId('scr', id);
}

function getReservations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const subnet = findSubnet(snapshot, stringOf(input, 'SubnetId'));
  const filters = {
    reservationType: (reservation: SubnetCidrReservation) => [reservation.type],
    'subnet-id': () => [subnet.subnetId],
  };
  const matching = filterRows(subnet.reservations, filters, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  const shapes = (family: 4 | 6): ActionOutput[] =>
    rows
      .filter((each) => each.cidr.family === family)
      .map((each) => reservationShape(each, subnet, snapshot));
  return {
    SubnetIpv4CidrReservations: shapes(4),
    SubnetIpv6CidrReservations: shapes(6),
    NextToken: nextToken,
  };
}

export const SUBNET_CIDR_RESERVATION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateSubnetCidrReservation',
    parameters: {
      SubnetId: 'string',
      Cidr: 'string',
      ReservationType: 'string',
      Description: 'string',
    },
    required: ['SubnetId', 'Cidr', 'ReservationType'],
    perform: createReservation,
  },
  {
    name: 'DeleteSubnetCidrReservation',
    parameters: { SubnetCidrReservationId: 'string' },
    required: ['SubnetCidrReservationId'],
    perform: deleteReservation,
  },
  {
    name: 'GetSubnetCidrReservations',
    parameters: { ...PAGE_PARAMETERS, SubnetId: 'string' },
    required: ['SubnetId'],
    perform: getReservations,
  },
];
