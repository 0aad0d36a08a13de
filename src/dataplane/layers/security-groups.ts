/**
 * Security groups: a packet passes when its connection is tracked, or when a rule of any group of the
 * interface allows it. What AWS makes for its own gateways has no group, and nothing is asked there.
 * Rules: SG-1, SG-3, SG-5 to SG-7, SG-10, SG-11, NAT-4, RT-6.
 */
import { IPPROTO_TCP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { ANY_SENDER, isOpenToAll, matchRules } from '../filter-rules.ts';
import { EGRESS, INGRESS, NO_CONNECTION } from '../flow/connection-table.ts';
import { FRAGMENT_LATER, isIcmpErrorFrame, type ParsedFrame } from '../parse.ts';
import { FILTER_RANGE_WORDS, openBit, type Program } from '../program.ts';
import { type Layer, type LayerContext, NO_ROW, type TrackedSide } from './context.ts';
import { readQuote } from './quote.ts';

export const egressGroupsLayer: Layer = {
  name: 'security-groups-egress',
  run: (context) => runGroups(context, context.egress, context.eni, EGRESS),
};

export const ingressGroupsLayer: Layer = {
  name: 'security-groups-ingress',
  run: (context) => runGroups(context, context.ingress, context.target, INGRESS),
};

function runGroups(
  context: LayerContext,
  side: TrackedSide,
  eni: number,
  direction: number,
): boolean {
  const { connections, program, frame } = context;
  context.isFiltered = true;
  context.rule = NO_ROW;
  side.take(program, eni);
  if (!hasGroups(program, eni)) return true;
  side.connection = connections.find(side, direction, frame, context.nowMs);
  if (side.connection !== NO_CONNECTION) return true;
  if (isAboutConnection(context, side, direction)) return true;
  context.rule = matchGroups(context, context.eni, eni, direction);
  if (context.rule === NO_ROW) return context.reject(direction, mismatch(context, eni, direction));
  side.begins = true;
  side.isOpen = isUntracked(program, eni, frame, direction);
  return true;
}

function hasGroups({ enis }: Program, eni: number): boolean {
  return enis.groupsFrom[eni] !== enis.groupsFrom[eni + 1];
}

/** @returns true for an ICMP error that quotes a packet of a tracked connection (SG-10). */
function isAboutConnection(context: LayerContext, side: TrackedSide, direction: number): boolean {
  const { frame, quoted, connections, nowMs } = context;
  if (!isIcmpErrorFrame(frame) || !readQuote(context)) return false;
  // What the interface receives an error about, it has sent; and the other way round.
  const quotedDirection = direction === EGRESS ? INGRESS : EGRESS;
  return connections.find(side, quotedDirection, quoted, nowMs) !== NO_CONNECTION;
}

/** @returns why no rule of the interface allows the packet: the index of a drop reason. */
function mismatch(context: LayerContext, eni: number, direction: number): number {
  if (countRules(context.program, eni, direction) === 0) return DROP.SG_HAS_NO_RULES;
  const isReference = matchGroups(context, ANY_SENDER, eni, direction) !== NO_ROW;
  return isReference ? DROP.SG_REFERENCES_NOT_PRESERVED : DROP.ENI_SG_RULES_MISMATCH;
}

/**
 * @param sender As of `matchRules`. @param eni Whose groups are asked.
 * @returns the first row of any group that allows the packet, or `NO_ROW`.
 */
function matchGroups(
  context: LayerContext,
  sender: number,
  eni: number,
  direction: number,
): number {
  const { program, frame } = context;
  const { enis, filters } = program;
  const end = enis.groupsFrom[eni + 1] as number;
  for (let at = enis.groupsFrom[eni] as number; at < end; at++) {
    const group = enis.groups[at] as number;
    const first = firstRule(filters.groups, group, direction);
    const behind = endOfRules(filters.groups, group, direction);
    const row = matchRules(program, frame, sender, direction === EGRESS, first, behind);
    if (row !== NO_ROW) return row;
  }
  return NO_ROW;
}

function countRules({ enis, filters }: Program, eni: number, direction: number): number {
  const end = enis.groupsFrom[eni + 1] as number;
  let count = 0;
  for (let at = enis.groupsFrom[eni] as number; at < end; at++) {
    const group = enis.groups[at] as number;
    count +=
      endOfRules(filters.groups, group, direction) - firstRule(filters.groups, group, direction);
  }
  return count;
}

function firstRule(groups: Int32Array, group: number, direction: number): number {
  return groups[group * FILTER_RANGE_WORDS + (direction === EGRESS ? 1 : 0)] as number;
}

function endOfRules(groups: Int32Array, group: number, direction: number): number {
  return groups[group * FILTER_RANGE_WORDS + (direction === EGRESS ? 2 : 1)] as number;
}

/**
 * TCP and UDP are not tracked when one direction is open to everybody at this port, and the other at
 * all ports (SG-5). A packet may go with such a rule or come back by it; both say the same.
 */
function isUntracked(
  program: Program,
  eni: number,
  frame: ParsedFrame,
  direction: number,
): boolean {
  const { protocol, sport, dport } = frame;
  if (protocol !== IPPROTO_TCP && protocol !== IPPROTO_UDP) return false;
  if (frame.fragment === FRAGMENT_LATER && sport === 0 && dport === 0) return false;
  const near = direction === EGRESS ? sport : dport;
  const far = direction === EGRESS ? dport : sport;
  return (
    (isFullyOpen(program, eni, frame, EGRESS) && isOpen(program, eni, frame, INGRESS, near)) ||
    (isFullyOpen(program, eni, frame, INGRESS) && isOpen(program, eni, frame, EGRESS, far))
  );
}

/** @returns true when a group opens all ports to everybody. */
function isFullyOpen(
  { enis, filters }: Program,
  eni: number,
  { protocol, family }: ParsedFrame,
  direction: number,
): boolean {
  const bit = openBit(direction === EGRESS, protocol, family);
  const end = enis.groupsFrom[eni + 1] as number;
  for (let at = enis.groupsFrom[eni] as number; at < end; at++) {
    const group = enis.groups[at] as number;
    if (((filters.groups[group * FILTER_RANGE_WORDS + 3] as number) & bit) !== 0) return true;
  }
  return false;
}

/** @returns true when a rule of a group opens the port to everybody. */
function isOpen(
  { enis, filters }: Program,
  eni: number,
  frame: ParsedFrame,
  direction: number,
  port: number,
): boolean {
  const end = enis.groupsFrom[eni + 1] as number;
  for (let at = enis.groupsFrom[eni] as number; at < end; at++) {
    const group = enis.groups[at] as number;
    const first = firstRule(filters.groups, group, direction);
    const behind = endOfRules(filters.groups, group, direction);
    if (isOpenToAll(filters.rules, frame, port, first, behind)) return true;
  }
  return false;
}
